#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("what reaches outside, or breaks the frame, is not there") {
  for (const char* name : {"io", "os", "debug", "package", "load", "loadstring", "loadfile", "dofile", "coroutine",
                           "collectgarbage", "print", "_G", "xpcall", "warn", "string.dump"}) {
    INFO(name);
    CHECK(said(std::string("return info(tostring(") + name + " == nil))") == "true");
  }
}

TEST_CASE("a global of one check is seen by no other, of the same rule or another") {
  Bench bench({rule_of("seen = (seen or 0) + 1 return info(tostring(seen))", "test.a"),
               rule_of("return info(tostring(seen))", "test.b")});
  CHECK(bench.run(0).finding.message == "1");
  CHECK(bench.run(0).finding.message == "1");
  CHECK(bench.run(1).finding.message == "nil");
}

TEST_CASE("a local of the file is fresh in each check") {
  Bench bench(
      {rule_of_file("local count = 0\nreturn rule { check = function() count = count + 1\n"
                    "return info(tostring(count)) end }")});
  CHECK(bench.run().finding.message == "1");
  CHECK(bench.run().finding.message == "1");
}

TEST_CASE("the libraries cannot be changed") {
  for (const char* attempt :
       {"string.rep = nil", "table.insert = 1", "math.pi = 3", "utf8.x = 1", "rawset(string, 'rep', nil)",
        "setmetatable(string, {})", "setmetatable(_ENV, nil)", "rawset(_ENV, 'pass', nil)", "target.id = 'x'",
        "getmetatable('').__index = {}", "setmetatable('', {})", "getmetatable(_ENV).__index = {}",
        "table.insert(string, 1)", "table.remove(string)"}) {
    INFO(attempt);
    CHECK_THAT(said(std::string(attempt) + " return info('changed')"), Contains("error rule_error"));
  }
}

TEST_CASE("walking a library with pairs does not hand out the shared table (one check changed string for all)") {
  Bench bench(
      {rule_of(
           "local f, t = pairs(string)\nif type(t) == 'table' then pcall(function() t.rep = nil; t.mine = 1 end) end\n"
           "return info(tostring(string.mine) .. ' ' .. type(string.rep))",
           "test.a"),
       rule_of("return info(tostring(string.mine) .. ' ' .. type(string.rep))", "test.b"),
       rule_of("local n = 0 for k, v in pairs(string) do assert(string[k] == v) n = n + 1 end return info(n > 10 and "
               "'walked' or 'short')")});
  CHECK(bench.run(0).finding.message == "nil function");
  CHECK(bench.run(1).finding.message == "nil function");
  CHECK(bench.run(2).finding.message == "walked");
}

TEST_CASE("the iterators of pairs refuse what is no table (a call with another value crashed)") {
  for (const char* call :
       {"local f = pairs({ 1, 2 }) f(5, 0)", "local f = pairs({ a = 1 }) f(5)", "local f = pairs({ a = 1 }) f()",
        "local f = pairs({ 1 }) f(nil, 0)", "local f = pairs(string) f(nil)", "next(5)", "pairs(nil)", "pairs()",
        "next({}, 'absent')", "next()"}) {
    INFO(call);
    CHECK_NOTHROW(said(std::string(call) + " return info('went on')"));
  }
  CHECK_THAT(said("local f = pairs({ a = 1 }) f(5) return info('x')"), Contains("rule_error"));
  CHECK_THAT(said("local f = pairs({ 1, 2 }) f(5, 0) return info('x')"), Contains("rule_error"));
}

TEST_CASE("setmetatable refuses finalizers and weak tables") {
  CHECK_THAT(said("setmetatable({}, { __gc = function() end })"), Contains("__gc"));
  CHECK_THAT(said("setmetatable({}, { __mode = 'k' })"), Contains("__mode"));
  CHECK(said("local t = setmetatable({}, { __index = { a = 'b' } }) return info(t.a)") == "b");
  CHECK(said("local t = setmetatable({}, { __metatable = 'mine' }) return info(getmetatable(t))") == "mine");
  CHECK_THAT(said("setmetatable(setmetatable({}, { __metatable = 1 }), {})"), Contains("protected"));
}

TEST_CASE("no text shows an address") {
  for (const char* text :
       {"tostring({})", "tostring(pairs)", "tostring(function() end)", "string.format('%s', {})",
        "string.format('%s %s', 1, pairs)", "tostring(setmetatable({}, { __name = 'mine' }))", "('%s'):format(target)",
        "('%20s'):format({})", "select(2, pcall(function() string[{}] = 1 end))", "tostring(target)"}) {
    INFO(text);
    const std::string shown = said(std::string("return info(tostring(") + text + "))");
    CHECK(shown.find("0x") == std::string::npos);
    CHECK_FALSE(shown.find("error") == 0);
  }
  CHECK_THAT(said("return info(string.format('%p', {}))"), Contains("rule_error"));
  CHECK(said("return info(('%s|%5.1f|%-3d|%%|%q'):format(setmetatable({}, { __tostring = function() return 'me' end "
             "}), 1.25, 7, 'x'))") == "me|  1.2|7  |%|\"x\"");
  CHECK(said("return info(('%s %s'):format({}, nil))") == "table nil");
  CHECK_THAT(said("return info(('%d'):format({}))"), Contains("number expected"));
  CHECK_THAT(said("return info(('%s'):format())"), Contains("bad argument"));
}

TEST_CASE("string.rep is capped") {
  CHECK_THAT(said("return info(('x'):rep(1 << 40))"), Contains("64 MiB"));
  CHECK_THAT(said("return info((''):rep(1 << 62, 'ab'))"), Contains("64 MiB"));
  CHECK(said("return info((''):rep(1 << 20))").empty());
  CHECK(said("return info(('ab'):rep(3, '-') .. ('x'):rep(0) .. ('x'):rep(-1) .. ('x'):rep(1, 'y'))") == "ab-ab-abx");
}

TEST_CASE("the useful part of Lua is there") {
  CHECK(said("local t = { 3, 1, 2 } table.sort(t) return info(table.concat(t, ','))") == "1,2,3");
  CHECK(said("return info(('a,b'):gsub(',', '.') .. string.format('%x', math.floor(255.9)) .. utf8.char(228))") ==
        "a.bff\xc3\xa4");
  CHECK(said("local a, b = select(2, 'x', 'y', 'z') return info(a .. b .. tostring(tonumber('0x10')) .. type(nil))") ==
        "yz16nil");
  CHECK(said("goto done do return info('no') end ::done:: return info('goto')") == "goto");
  CHECK(said("local t <const> = 5 return info(tostring(t // 2))") == "2");
  CHECK(said("return info(string.pack('>I2', 258):byte(2) .. '')") == "2");
}

TEST_CASE("a file may begin with a byte order mark, and its lines are counted right") {
  Bench bench({rule_of_file("\xef\xbb\xbf-- one\nreturn rule { check = function()\n  error('here')\nend }")});
  CHECK_THAT(bench.run().finding.message, Contains("test.rule.lua:3: here"));
}

}  // namespace audit::lua
