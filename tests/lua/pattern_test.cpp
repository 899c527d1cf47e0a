#include <fmt/format.h>

#include <random>

#include "bench.hpp"
#include "genuine.hpp"

// string.find, match, gmatch and gsub: equal to Lua's own, each case asked of both.

namespace audit::lua {

using Catch::Contains;

namespace {

/// Describes whatever a call returns or raises. `call` names the functions so that messages do; no tail call, which would
/// hide the name.
constexpr std::string_view common = R"lua(
  local function describe(value)
    if type(value) == "string" then return string.format("%q", value) end
    if type(value) == "table" and value.shown then return value.shown end
    local plain = value == nil or type(value) == "boolean" or math.type(value) == "integer"
    return plain and tostring(value) or type(value)
  end
  local function all_of(...)
    local texts = {}
    for i = 1, select("#", ...) do texts[i] = describe((select(i, ...))) end
    return table.concat(texts, " ")
  end
  local call = {
    find = function(lib, ...) local r = table.pack(lib.find(...)) return table.unpack(r, 1, r.n) end,
    match = function(lib, ...) local r = table.pack(lib.match(...)) return table.unpack(r, 1, r.n) end,
    gsub = function(lib, ...) local r = table.pack(lib.gsub(...)) return table.unpack(r, 1, r.n) end,
    gmatch = function(lib, ...)
      local found, step = {}, lib.gmatch(...)
      for i = 1, 40 do
        local r = table.pack(step())
        found[#found + 1] = all_of(table.unpack(r, 1, r.n))
        if r.n == 0 then break end
      end
      return { shown = table.concat(found, ";") }
    end,
  }
  local function outcome(lib, name, ...)
    return all_of(pcall(call[name], lib, ...))
  end
)lua";

/// What both give for `arguments`; a difference where there is one.
std::string both(Genuine& state, const char* name, std::string_view arguments) {
  return state.run(fmt::format(R"lua({}
    local a = outcome(string, "{}", {})
    local b = outcome(ours.string, "{}", {})
    return a == b and a:gsub("^true ?", ""):gsub("^false ", ""):gsub("^\"test:%d+: ", "\"") or "Lua " .. a .. "; ours " .. b
  )lua",
                               common, name, arguments, name, arguments));
}

struct Example {
  const char* function;
  const char* arguments;
  const char* result;
};

const Example examples[] = {
    {"find", "'hello', 'l'", "3 3"},
    {"find", "'hello', 'l+'", "3 4"},
    {"find", "'hello', 'x'", "nil"},
    {"find", "'hello', ''", "1 0"},
    {"find", "'hello', '', 6", "6 5"},
    {"find", "'hello', '', 7", "nil"},
    {"find", "'hello', '', -2", "4 3"},
    {"find", "'hello', 'h', -20", "1 1"},
    {"find", "'hello', 'h', 0", "1 1"},
    {"find", "'hello', 'l', math.maxinteger", "nil"},
    {"find", "'hello', 'l', math.mininteger", "3 3"},
    {"find", "'a.b', '.', 2, true", "2 2"},
    {"find", "'a.b', '.b', 1, true", "2 3"},
    {"find", "'a.b', '', 4, true", "4 3"},
    {"find", "'aab', 'ab', 1, true", "2 3"},
    {"find", "'a+b', '+b', 1, 0", "2 3"},
    {"find", "'a\\0b', 'b'", "3 3"},
    {"find", "'a\\0b', '\\0b'", "2 3"},
    {"find", "'a\\0b', '%z'", "2 2"},
    {"find", "'a\\0b.', '\\0[^\\0]%.'", "2 4"},
    {"find", "'hello', '(l)(l)'", "3 4 \"l\" \"l\""},
    {"find", "123, 2", "2 2"},
    {"find", "'hello', '^e'", "nil"},
    {"find", "'hello', '^e', 2", "2 2"},
    {"find", "'a^', 'a^'", "1 2"},
    {"find", "'a$b', 'a$b'", "1 3"},
    {"find", "'ab', '()b()'", "2 2 2 3"},
    {"match", "'hello', '.-(l+)(.*)'", "\"ll\" \"o\""},
    {"match", "'hello', '.l'", "\"el\""},
    {"match", "'  x  ', '^%s*(.-)%s*$'", "\"x\""},
    {"match", "'2026-11-21', '(%d+)-(%d+)-(%d+)'", "\"2026\" \"11\" \"21\""},
    {"match", "'aaab', 'a-b'", "\"aaab\""},
    {"match", "'aaab', '^a-'", "\"\""},
    {"match", "'x=[[y]]', '%[%[(.-)%]%]'", "\"y\""},
    {"match", "'a]b', '[]]'", "\"]\""},
    {"match", "'a]b', '[^]]+'", "\"a\""},
    {"match", "'a-b', '[a-]+'", "\"a-\""},
    {"match", "'a%b', '[%%]'", "\"%\""},
    {"match", "'THE (quick) fox', '%f[%a]%l+%f[%A]'", "\"quick\""},
    {"match", "'word', 'd%f[%z]'", "\"d\""},
    {"match", "'((a)', '%b()'", "\"(a)\""},
    {"match", "'aaa', '%baa'", "\"aa\""},
    {"match", "'x\"y\"', '([\"\\'])(.-)%1'", "\"\\\"\" \"y\""},
    {"match", "'abcabc', '((a)(b)c)%1'", "\"abc\" \"a\" \"b\""},
    {"match", "'aa', '()%1'", "nil"},
    {"match", "'\\xe4', '%a'", "nil"},
    {"match", "'\\xe4', '%A'", "\"\xe4\""},
    {"gmatch", "'one two', '%a+'", "\"one\";\"two\";"},
    {"gmatch", "'k=v, q=w', '(%w+)=(%w+)'", "\"k\" \"v\";\"q\" \"w\";"},
    {"gmatch", "'abc', ''", "\"\";\"\";\"\";\"\";"},
    {"gmatch", "'a,b,,c', '([^,]*)'", "\"a\";\"b\";\"\";\"c\";"},
    {"gmatch", "'xuxx', 'x*'", "\"x\";\"xx\";"},
    {"gmatch", "'a^a', '^a'", "\"^a\";"},
    {"gmatch", "'abc', '%a', 3", "\"c\";"},
    {"gmatch", "'abc', '()', -1", "3;4;"},
    {"gmatch", "'abc', '', 9", ""},
    {"gsub", "'hello world', 'o', '0'", "\"hell0 w0rld\" 2"},
    {"gsub", "'hello world', '%w+', '%0 %0', 1", "\"hello hello world\" 1"},
    {"gsub", "'hello world', '(%w+) (%w+)', '%2 %1'", "\"world hello\" 1"},
    {"gsub", "'abc', '', '-'", "\"-a-b-c-\" 4"},
    {"gsub", "'abc', '%w*', '-'", "\"-\" 1"},
    {"gsub", "'abc d', '%w*', '-'", "\"- -\" 2"},
    {"gsub", "'abc', '^a', 'x'", "\"xbc\" 1"},
    {"gsub", "'aaa', '^a', 'x'", "\"xaa\" 1"},
    {"gsub", "'abc', '%w', '%%%0'", "\"%a%b%c\" 3"},
    {"gsub", "'abc', '()', '%1'", "\"1a2b3c4\" 4"},
    {"gsub", "'abc', '%w', { a = 1, b = true and 'B', c = false }", "\"1Bc\" 3"},
    {"gsub", "'abc', '%w', function(c) if c ~= 'b' then return c .. c end end", "\"aabcc\" 3"},
    {"gsub", "'abc', '()(%w)', function(at, c) return at end", "\"123\" 3"},
    {"gsub", "'$name is $x', '%$(%w+)', { name = 'lua' }", "\"lua is $x\" 2"},
    {"gsub", "'abc', '%w', setmetatable({}, { __index = function(_, k) return k:upper() end })", "\"ABC\" 3"},
    {"gsub", "'abc', '%w', '.', 0", "\"abc\" 0"},
    {"gsub", "'abc', '%w', '.', -1", "\"abc\" 0"},
    {"gsub", "'abc', 'b', 7", "\"a7c\" 1"},
    {"gsub", "'a', 'a', 1.5", "\"1.5\" 1"},
    {"gsub", "121, 1, 3", "\"323\" 2"},
    {"gsub", "'a', '(a', 'x'", "\"x\" 1"},
    // mistakes
    {"find", "'a', '%'", "\"malformed pattern (ends with '%')\""},
    {"find", "'a', '['", "\"malformed pattern (missing ']')\""},
    {"find", "'a', '[]'", "\"malformed pattern (missing ']')\""},
    {"find", "'a', '[^]'", "\"malformed pattern (missing ']')\""},
    {"find", "'a', '[a%]'", "\"malformed pattern (missing ']')\""},
    {"find", "'a', '[a%'", "\"malformed pattern (missing ']')\""},
    {"find", "'a', 'b['", "nil"},
    {"find", "'a', '%b'", "\"malformed pattern (missing arguments to '%b')\""},
    {"find", "'a', '%ba'", "\"malformed pattern (missing arguments to '%b')\""},
    {"find", "'a', '%f'", "\"missing '[' after '%f' in pattern\""},
    {"find", "'a', '%fa'", "\"missing '[' after '%f' in pattern\""},
    {"find", "'a)', 'a)'", "1 2"},
    {"match", "'a', 'a)'", "\"invalid pattern capture\""},
    {"find", "'a', '(a'", "\"unfinished capture\""},
    {"find", "'a', '('", "\"unfinished capture\""},
    {"find", "'a', '%0'", "\"invalid capture index %0\""},
    {"find", "'a', '%1'", "\"invalid capture index %1\""},
    {"find", "'a', '(%1)'", "\"invalid capture index %1\""},
    {"find", "'a', '(a)%2'", "\"invalid capture index %2\""},
    {"find", "'a', ('()'):rep(33)", "\"too many captures\""},
    {"find", "'x', ('('):rep(33) .. 'a'", "\"too many captures\""},
    {"find", "'x', ('('):rep(32) .. 'a'", "nil"},
    {"find", "('a'):rep(300), ('a?'):rep(200)", "\"pattern too complex\""},
    {"find", "('a'):rep(300), ('a?'):rep(199)", "1 199"},
    {"find", "('a'):rep(300), ('a-'):rep(199)", "1 0"},
    {"find", "('a'):rep(300), ('a-'):rep(200)", "\"pattern too complex\""},
    {"gsub", "'a', 'a', '%2'", "\"invalid capture index %2\""},
    {"gsub", "'a', 'a', '%x'", "\"invalid use of '%' in replacement string\""},
    {"gsub", "'a', 'a', '%'", "\"invalid use of '%' in replacement string\""},
    {"gsub", "'a', 'b', '%'", "\"a\" 0"},
    {"gsub", "'a', '(a', '%1'", "\"unfinished capture\""},
    {"gsub", "'a', 'a', { a = {} }", "\"invalid replacement value (a table)\""},
    {"gsub", "'a', 'a', function() return print end", "\"invalid replacement value (a function)\""},
    {"gsub", "'a', 'a', { a = true }", "\"invalid replacement value (a boolean)\""},
    {"gsub", "'a', 'a'", "\"bad argument #3 to 'gsub' (string/function/table expected, got no value)\""},
    {"gsub", "'a', 'a', true", "\"bad argument #3 to 'gsub' (string/function/table expected, got boolean)\""},
    {"gsub", "'a', 'a', 'a', 'x'", "\"bad argument #4 to 'gsub' (number expected, got string)\""},
    {"gsub", "'a', 'a', 'a', 1.5", "\"bad argument #4 to 'gsub' (number has no integer representation)\""},
    {"find", "'a'", "\"bad argument #2 to 'find' (string expected, got no value)\""},
    {"find", "nil, 'a'", "\"bad argument #1 to 'find' (string expected, got nil)\""},
    {"match", "'a', {}", "\"bad argument #2 to 'match' (string expected, got table)\""},
    {"match", "'a', 'a', {}", "\"bad argument #3 to 'match' (number expected, got table)\""},
    {"gmatch", "'a', true", "\"bad argument #2 to 'gmatch' (string expected, got boolean)\""},
    {"gmatch", "'a', 'a', 'x'", "\"bad argument #3 to 'gmatch' (number expected, got string)\""},
};

/// Patterns and texts by chance: pieces that mean something, and single bytes that may.
constexpr std::string_view by_chance = R"lua(
  math.randomseed(seed)
  local pieces = { "a", "b", "1", ".", "%a", "%d", "%s", "%w", "%A", "%x", "%u", "%p", "%g", "%c", "%L", "[ab]", "[^a]",
    "[a-b]", "[%a-]", "[]]", "[^]a]", "[a-%z]", "[b-a]", "[%a-z]", "[+--]", "[x-%%]", "[^%s%d]", "(", ")", "()", "(a)",
    "(b", "%1", "%2", "%0", "%b()", "%bab", "%baa", "%f[%w]", "%f[^a]", "%f", "%b", "%", "[", "]", "^", "$", "*", "+",
    "-", "?", "\0", "%z", "%Z", "%%", "%.", "%y", "(a*)", "(.-)", ".-", ".*", "a?", "b+", "(%w*)", "[^\0]*", "[\0a]" }
  local letters = { "a", "b", "1", " ", "(", ")", "[", "]", "%", "^", "$", "*", "+", "-", "?", ".", "f", "\0", "\xe4" }
  local replacements = { "", "x", "%0", "%1", "%2", "%%", "%", "<%1>", "%x", "%0%0", "%9", "\0", 5,
    { a = "A", b = false, [1] = 2, ["1"] = {} }, setmetatable({}, { __index = function(_, k) return k end }),
    function(...) return select("#", ...) end, function(...) return ... end, function(_, second) return second end,
    function() return nil end }
  local function any(list) return list[math.random(#list)] end
  local function chain(list, most)
    local text = {}
    for i = 1, math.random(0, most) do text[i] = any(list) end
    return table.concat(text)
  end
  for round = 1, rounds do
    local subject = chain(letters, 12)
    if math.random(2) == 1 then subject = subject:gsub("[^ab1]", "a") end
    local pattern = math.random(4) == 1 and chain(letters, 8) or chain(pieces, 6)
    if math.random(6) == 1 then pattern = "^" .. pattern end
    local init = math.random(3) == 1 and math.random(-14, 14) or nil
    local replacement, most = any(replacements), math.random(4) == 1 and math.random(-1, 4) or nil
    for name, arguments in pairs {
      find = { subject, pattern, init, math.random(8) == 1 or nil, n = 4 }, match = { subject, pattern, init, n = 3 },
      gmatch = { subject, pattern, init, n = 3 }, gsub = { subject, pattern, replacement, most, n = 4 },
    } do
      local a = outcome(string, name, table.unpack(arguments, 1, arguments.n))
      local b = outcome(ours.string, name, table.unpack(arguments, 1, arguments.n))
      if a ~= b then
        return ("%s(%q, %q, %s, %s): Lua %s; ours %s"):format(name, subject, pattern, tostring(arguments[3]),
          tostring(arguments[4]), a, b)
      end
    end
  end
  return "equal"
)lua";

}  // namespace

TEST_CASE("find, match, gmatch and gsub give what the manual says, as Lua's own do") {
  Genuine state;
  for (const Example& example : examples) {
    INFO(example.function << "(" << example.arguments << ")");
    CHECK(both(state, example.function, example.arguments) == example.result);
  }
}

TEST_CASE("find, match, gmatch and gsub do what Lua's own do on patterns and texts by chance") {
  Genuine state;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  constexpr lua_Integer rounds = 20'000;
  state.set("seed", seed);
  state.set("rounds", rounds);
  CHECK(state.run(std::string(common) + std::string(by_chance)) == "equal");
}

TEST_CASE("each byte is of the classes that Lua's own say in the C locale") {
  Genuine state;
  CHECK(state.run(R"lua(
    for byte = 0, 255 do
      for letter = 0, 255 do
        local text, class = string.char(byte), "^%" .. string.char(letter)
        if not class:find("[bf%d]$") and string.find(text, class) ~= ours.string.find(text, class) then
          return text .. " " .. class
        end
      end
    end
    return "equal")lua") == "equal");
}

TEST_CASE("patterns work on long texts, beyond what any buffer holds at first") {
  Genuine state;
  CHECK(state.run(R"lua(
    local text = ("The quick brown fox, 12 years old. "):rep(3000)
    for _, case in ipairs { { "%w+", "<%0>" }, { "(%w+) (%w+)", "%2 %1" }, { "%s+", "" }, { ".", "%0%0" },
        { "[aeiou]", string.upper }, { "(%d+)", { ["12"] = "13" } }, { "fox(.-)old", "%1" }, { "x.*$", "" },
        { "[Tb][hr][eo][ w][qn][u ][if]", "%0" }, { "([tT])[a-h][a-h][ ]+[p-r][t-v][h-j]", "%1" } } do
      local a, n = string.gsub(text, case[1], case[2])
      local b, m = ours.string.gsub(text, case[1], case[2])
      if a ~= b or n ~= m then return case[1] end
    end
    return "equal")lua") == "equal");
}

TEST_CASE("a replacement function may use patterns itself, and its errors pass through") {
  CHECK(said("return info((('a1 b2'):gsub('%a%d', function(s) return (s:gsub('%d', '%0%0')) end)))") == "a11 b22");
  CHECK(
      said("local ok, e = pcall(string.gsub, 'a', 'a', function() error({ mine = 'kept' }) end) return info(e.mine)") ==
      "kept");
  CHECK_THAT(said("return info(('a'):gsub('a', function() return target:port(22).state end))"),
             Contains("inside a callback"));
  CHECK_THAT(said("\nreturn info(('a'):find('[a'))"), Contains("test.rule.lua:3: malformed pattern (missing ']')"));
}

namespace {

/// Each holds a thread for hours or more where steps are not counted.
const char* const without_end[] = {
    "('a'):rep(30):find(('.-'):rep(20) .. 'b')",
    "('a'):rep(30):match(('.*'):rep(20) .. 'b')",
    "('a'):rep(30):match(('(.-)'):rep(20) .. 'b')",
    "('a'):rep(40):match(('a?'):rep(40) .. ('a'):rep(41))",
    "('a'):rep(30):gsub(('.-'):rep(20) .. 'b', '')",
    "('a'):rep(30):gsub('^' .. ('.-'):rep(20) .. 'b', '')",
    "('a'):rep(30):gmatch(('.-'):rep(20) .. 'b')()",
    "('('):rep(1 << 20):find('%b()')",
    "('('):rep(1 << 20):gsub('%b()', '')",
    "('x'):rep(1 << 20):find('x*y')",
    "('x'):rep(1 << 20):find('.-y')",
    "('x'):rep(1 << 20):find('(x*)%1y')",
    "('x'):rep(1 << 20):find(('x'):rep(1 << 19) .. 'y', 1, true)",
    "('a'):rep(1 << 16):gsub('.-', '%0', 1 << 40) while true do ('a'):rep(1 << 16):gsub('.-', '%0', 1 << 40) end",
    "('a'):rep(1000):find('[' .. ('b'):rep(1 << 20) .. 'a][' .. ('c'):rep(1 << 20) .. 'a][' .. ('d'):rep(1 << 20) .. "
    "'a][' .. ('e'):rep(1 << 20) .. 'a][' .. ('f'):rep(1 << 20) .. 'a]z')",
    "('a'):rep(1 << 12):gsub('a', ('%1'):rep(1 << 15))",
    "('a'):rep(1 << 10):gsub('()', ('%1'):rep(1 << 15))",
    "while true do ('a'):find(('a'):rep(1 << 20)) end",
};

}  // namespace

TEST_CASE(
    "a pattern that backtracks without end, or loops long, ends its check as over_budget, and nothing catches it") {
  for (const char* loop : without_end) {
    for (const char* frame :
         {"%s", "pcall(function() %s end)", "try(function() %s end)", "while true do pcall(function() %s end) end",
          "table.sort({ 1, 2 }, function() pcall(function() local x = %s end) end)",
          "('x'):gsub('x', function() pcall(function() local x = %s end) end)"}) {
      std::string body(frame);
      const bool is_value = body.find("local x") != std::string::npos;
      if (is_value && std::string_view(loop).find("while") != std::string_view::npos) continue;
      const bool is_statement = std::string_view(loop).starts_with("while");
      body.replace(body.find("%s"), 2, is_value || is_statement ? loop : std::string("local x = ") + loop);
      INFO(body);
      Budget budget;
      budget.steps = 300'000;
      CHECK(ended(run_once(body + " return info('went on')", budget)) == "error over_budget");
    }
  }
}

TEST_CASE("ordinary patterns on a large page stay well within the budget") {
  CHECK(said(R"lua(
    local page = ("<tr><td class=x>Name</td><td>some text, 1.2.3.4</td></tr>\n"):rep(18000) .. "<title>Last</title>"
    local n = 0
    for line in page:gmatch("[^\n]+") do n = n + #line end
    for _, pattern in ipairs { "<title>(.-)</title>", "[Pp]assword", "%d+%.%d+%.%d+%.%d+$", "admin", "(%w+)@(%w+)" } do
      n = n + (page:find(pattern) or 0)
    end
    return info(page:match("<title>%s*(.-)%s*</title>") .. #page:gsub("%s+", " "):gsub("<.->", ""))
  )lua")
            .starts_with("Last"));
}

}  // namespace audit::lua
