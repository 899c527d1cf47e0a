#include <fmt/format.h>

#include "bench.hpp"
#include "genuine.hpp"

// Functions of the library, written in C, that loop over what the script names: each loop counts.

namespace audit::lua {

using Catch::Contains;

namespace {

struct Loop {
  const char* what;
  const char* made;   // before the loop; takes less than half of the budget
  const char* asked;  // the loop's body: a few instructions
  int times;
};

const Loop loops[] = {
    {"string.byte with many results", "local s = ('x'):rep(100000)", "s:byte(1, 100000)", 50},
    {"string.byte from the end", "local s = ('x'):rep(100000)", "s:byte(-100000, -1)", 50},
    {"string.upper", "local s = ('x'):rep(10000)", "s:upper()", 1000},
    {"string.packsize of a long format", "local s = ('b'):rep(100000)", "string.packsize(s)", 20},
    {"string.pack of padding", "local s = ('x'):rep(100000)", "string.pack(s)", 20},
    {"string.unpack of padding", "local f, s = ('x'):rep(100000), ('x'):rep(100000)", "string.unpack(f, s)", 20},
    {"bytes.unpack of padding", "local f, s = ('x'):rep(100000), ('x'):rep(100000)", "bytes.unpack(f, s)", 20},
    {"string.format of a long format", "local s = ('%%'):rep(100000)", "s:format()", 60},
    {"string.format %q", "local s = ('\\n'):rep(100000)", "string.format('%q', s)", 60},
    {"tonumber of blanks", "local s = (' '):rep(100000)", "tonumber(s)", 100},
    {"tonumber of digits with a base", "local s = ('7'):rep(100000)", "tonumber(s, 8)", 100},
    {"utf8.len", "local s = ('x'):rep(100000)", "utf8.len(s)", 100},
    {"utf8.offset", "local s = ('x'):rep(100000)", "utf8.offset(s, 99999)", 100},
    {"utf8.codepoint", "local s = ('x'):rep(100000)", "utf8.codepoint(s, 1, 100000)", 100},
    {"the iterator of utf8.codes over continuation bytes",
     "local f = utf8.codes('a') local s = 'a' .. ('\\x80'):rep(100000)", "pcall(f, s, 1)", 100},
    {"table.concat of numbers", "local t = {} for i = 1, 20000 do t[i] = 0.1 end", "table.concat(t)", 20},
    {"table.insert at the front", "local t = {} for i = 1, 20000 do t[i] = i end", "table.insert(t, 1, 0)", 50},
    {"table.unpack", "local t = {}", "table.unpack(t, 1, 100000)", 20},
    {"table.move", "local t = {}", "table.move(t, 1, 100000, 2)", 20},
    {"table.sort of a long list", "local t = {} for i = 1, 10000 do t[i] = -i end", "table.sort(t)", 20},
    {"table.sort of long texts that are equal", "local s, t = ('\\0'):rep(1 << 18), {} for i = 1, 20 do t[i] = s end",
     "table.sort(t)", 20},
    {"next of a table that was emptied",
     "local t = {} for i = 1, 30000 do t[i] = i end for i = 1, 30000 do t[i] = nil end", "next(t)", 3000},
    {"pairs of a table that was emptied",
     "local t = {} for i = 1, 30000 do t[i] = i end for i = 1, 30000 do t[i] = nil end", "pairs(t)", 3000},
    {"the iterator of pairs over a list that was emptied",
     "local t = {} for i = 1, 20000 do t[i] = i end local f = pairs(t) for i = 1, 20000 do t[i] = nil end", "f(t, 0)",
     200},
    {"der.decode with options that were emptied",
     "local t = {} for i = 1, 30000 do t[i] = i end for i = 1, 30000 do t[i] = nil end "
     "local e = '\\5\\0'",
     "pcall(der.decode, e, t)", 3000},
    {"values behind ... passed on",
     "local f = type local function g(...) for i = 1, 4000 do f(...) end end local t = {}",
     "g(table.unpack(t, 1, 9000))", 5},
    {"values behind ... that grow from call to call",
     "local function f(n, ...) if n > 0 then return f(n - 1, n, ...) end end", "f(3000)", 2},
};

std::string run_loop(const Loop& loop, int times) {
  Budget budget;
  budget.steps = 500'000;
  return ended(run_once(
      fmt::format("{} for round = 1, {} do local x = {} end return info('x')", loop.made, times, loop.asked), budget));
}

}  // namespace

TEST_CASE("a function that loops long for each instruction ends the check by its loops, not its instructions") {
  for (const Loop& loop : loops) {
    INFO(loop.what);
    CHECK(run_loop(loop, 0) == "informational");
    CHECK(run_loop(loop, loop.times) == "error over_budget");
  }
}

TEST_CASE("ordinary calls of counted functions cost next to nothing") {
  Budget budget;
  budget.steps = 300'000;
  CHECK(ended(run_once(R"lua(
    local t = { 3, 1, 2, name = "x" }
    for i = 1, 1000 do
      local a, b = ("hello"):byte(-1), ("hello"):byte(2, 3)
      local c = tonumber("42") + #("x"):upper() + string.packsize("I4") + utf8.len("abc") + #("%d %s"):format(1, "x")
      for k in pairs(t) do end
    end
    table.sort(t)
    return info(table.concat(t, ","))
  )lua",
                       budget)) == "informational");
}

TEST_CASE("table.sort sorts as Lua's own does") {
  Genuine state;
  CHECK(state.run(R"lua(
    math.randomseed(7)
    for round = 1, 300 do
      local a, b = {}, {}
      for i = 1, math.random(0, 60) do
        local kind = round % 3
        a[i] = kind == 0 and math.random(-50, 50) or kind == 1 and math.random() or
          ("a\0b\xe4"):sub(math.random(4), math.random(4)):rep(math.random(0, 3))
        b[i] = a[i]
      end
      local order = round % 2 == 0 and function(x, y) return x > y end or nil
      table.sort(a, order)
      ours.table.sort(b, order)
      for i = 1, #a do if a[i] ~= b[i] then return "round " .. round end end
    end
    return "equal")lua") == "equal");
  CHECK(said("local t = { 'b', 'a' } table.sort(t) return info(table.concat(t) .. select('#', table.sort({})))") ==
        "ab0");
  for (const char* mistake : {"nil", "5", "{ 1, 2 }, {}", "{ 1, 'x' }", "{ {}, {} }",
                              "{ 2, 1 }, function() error('mine') end", "setmetatable({}, { __len = rawlen })"}) {
    INFO(mistake);
    CHECK_THAT(said(fmt::format("table.sort({}) return info('sorted')", mistake)), Contains("error rule_error"));
  }
  CHECK(said("table.sort({}, 5) return info('as Lua')") == "as Lua");
  CHECK_THAT(said("table.sort({ 1, 'x' })"), Contains("attempt to compare"));
  CHECK_THAT(said("table.sort(1)"), Contains("bad argument #1 to 'sort' (table expected, got number)"));
  CHECK_THAT(said("table.sort({ 1, 2 }, 1)"), Contains("bad argument #2 to 'sort' (function expected, got number)"));
}

TEST_CASE("table.sort leaves equal elements in their order (Lua's own looks at the clock)") {
  CHECK(said(R"lua(
    local t = {}
    for i = 1, 3000 do t[i] = { rank = i % 3, place = i } end
    table.sort(t, function(a, b) return a.rank < b.rank end)
    for i = 2, #t do
      if t[i - 1].rank == t[i].rank and t[i - 1].place > t[i].place then return info("moved " .. i) end
    end
    return info("stable")
  )lua") == "stable");
}

TEST_CASE("table.sort ends whatever the order function says, and loses nothing") {
  CHECK(said(R"lua(
    for _, order in ipairs { function() return true end, function() return false end, function() return nil end,
        function(a, b) return (a * 7 + b * 3) % 5 < 2 end } do
      local t, seen = {}, {}
      for i = 1, 200 do t[i] = i end
      table.sort(t, order)
      for _, v in ipairs(t) do seen[v] = true end
      for i = 1, 200 do if not seen[i] then return info("lost " .. i) end end
    end
    return info("all there")
  )lua") == "all there");
}

TEST_CASE("utf8.codes, string.byte and pairs give what they did, behind their meters") {
  CHECK(said("local s = '' for at, code in utf8.codes('a\\u{e4}\\u{1f600}') do s = s .. at .. ':' .. code .. ' ' end "
             "return info(s)") == "1:97 2:228 4:128512 ");
  CHECK(said("local s = '' for _, c in utf8.codes('\\u{d800}', true) do s = s .. c end return info(s)") == "55296");
  CHECK_THAT(said("for _ in utf8.codes('a\\xff') do end"), Contains("invalid UTF-8 code"));
  CHECK(said("local a, b = ('abc'):byte(-2, -1) return info(a .. ' ' .. b .. ' ' .. select('#', ('abc'):byte(10)))") ==
        "98 99 0");
  CHECK(said("local t, s = { a = 1, b = 2, c = 3 }, '' for k in pairs(t) do s = s .. k t.b = nil end return info(s)") ==
        "ac");
  CHECK(said("local t, s = { 1, 2, 3, 4 }, '' for i in pairs(t) do s = s .. i t[i + 1] = nil end return info(s)") ==
        "13");
  CHECK(said("local f, t, k = pairs({ a = 1 }) f(t) return info(tostring(f(t)) .. tostring(f(t)))") == "nilnil");
}

}  // namespace audit::lua
