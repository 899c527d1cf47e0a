#include <random>

#include "bench.hpp"

namespace audit::lua {
namespace {

/// A table's keys in the order of pairs and of next, filled in an order that `seed` shuffles.
std::string walk(std::uint32_t seed) {
  std::vector<std::string> fills;
  for (int i = 0; i < 20; ++i) {
    fills.push_back("t['key" + std::to_string(i * 7) + "'] = 1");
    fills.push_back("t[" + std::to_string(i * 3 - 5) + "] = 1");
    fills.push_back("t[" + std::to_string(i) + ".5] = 1");
    fills.push_back("t[(1 << 53) + " + std::to_string(i) + "] = 1");
  }
  fills.emplace_back("t[true] = 1");
  fills.emplace_back("t[false] = 1");
  fills.emplace_back("t[math.maxinteger] = 1");
  fills.emplace_back("t[2.0^63] = 1");
  fills.emplace_back("t[math.mininteger] = 1");
  fills.emplace_back("t[math.huge] = 1");
  fills.emplace_back("t['a\\0b'] = 1");
  fills.emplace_back("t['a'] = 1");
  std::shuffle(fills.begin(), fills.end(), std::mt19937(seed));
  std::string body = "local t = {}\n";
  for (const std::string& fill : fills) body += fill + "\n";
  body +=
      "local a, b = {}, {}\n"
      "for k in pairs(t) do a[#a + 1] = math.type(k) == 'float' and ('%a'):format(k) or tostring(k) end\n"
      "for k in next, t do b[#b + 1] = math.type(k) == 'float' and ('%a'):format(k) or tostring(k) end\n"
      "a, b = table.concat(a, ' '), table.concat(b, ' ')\n"
      "return info(a == b and a or 'pairs and next differ')";
  return said(body);
}

}  // namespace

TEST_CASE("pairs and next visit mixed keys in one order, whatever the state and the history of the table") {
  const std::string order = walk(0);
  CHECK(order.size() > 500);
  for (std::uint32_t seed = 1; seed < 40; ++seed) REQUIRE(walk(seed) == order);
}

TEST_CASE("pairs visits numbers, then strings, then booleans") {
  CHECK(said("local s = '' for k in pairs({ b = 1, a = 1, [true] = 1, [false] = 1, [10] = 1, [-1] = 1, [2.5] = 1 }) do "
             "s = s .. tostring(k) .. ' ' end return info(s)") == "-1 2.5 10 a b false true ");
}

TEST_CASE("pairs tells integers apart that are the same as floats (their order was the hash's)") {
  const std::string expected = "9007199254740992 9007199254740993 9007199254740994 ";
  CHECK(said("local t = {} for _, i in ipairs { 1, 2, 0 } do t[(1 << 53) + i] = 1 end local s = '' for k in pairs(t) "
             "do s = s .. k .. ' ' end return info(s)") == expected);
}

TEST_CASE("pairs loses no key of a table with holes (a hole and another integer key looked like a list)") {
  CHECK(said("local t = { nil, 'b', 'c', 'd', [0] = 'z' } local s = '' for k, v in pairs(t) do s = s .. k .. v end "
             "return info(s)") == "0z2b3c4d");
  CHECK(said("local t = { 'a', nil, 'c' } local s = '' for k, v in pairs(t) do s = s .. k .. v end return info(s)") ==
        "1a3c");
}

TEST_CASE("keys may be cleared while pairs walks, and the rest is visited (a list ended at the hole)") {
  CHECK(said("local t = { 1, 2, 3, 4 } local s = '' for k in pairs(t) do s = s .. k t[2] = nil end return info(s)") ==
        "134");
  CHECK(said("local t = { 1, 2, 3 } for k in pairs(t) do t[k] = nil end return info(tostring(next(t)))") == "nil");
  CHECK(said("local t = { a = 1, b = 2, c = 3 } local s = '' for k in pairs(t) do s = s .. k t.b = nil end return "
             "info(s)") == "ac");
}

TEST_CASE("keys without an order are not walked (their addresses were their order, which no replay has again)") {
  using Catch::Contains;
  CHECK_THAT(said("local t = { [{}] = 1, [{}] = 2 } for k in pairs(t) do end return info('x')"),
             Contains("rule_error") && Contains("several keys that are tables or functions"));
  CHECK_THAT(said("local t = { [pass] = 1, [fail] = 2 } return info(tostring(next(t)))"), Contains("rule_error"));
  CHECK(said("local key = {} local t = { [key] = 'v', a = 'w' } local s = '' for k, v in pairs(t) do s = s .. type(k) "
             ".. v "
             "end return info(s .. t[key])") == "stringwtablevv");
}

TEST_CASE("__pairs and ipairs work") {
  CHECK(said("local t = setmetatable({}, { __pairs = function(t) return function(_, k) if not k then return 1, 'x' end "
             "end, t, nil end }) local s = '' for k, v in pairs(t) do s = s .. k .. v end return info(s)") == "1x");
  CHECK(said("local s = '' for i, v in ipairs { 'a', 'b', nil, 'd' } do s = s .. i .. v end return info(s)") == "1a2b");
}

TEST_CASE("the mark of an observation is not seen by pairs, next or rawlen") {
  CHECK(said("local b = target:banner(22) local s = '' for k in pairs(b) do s = s .. type(k) .. ' ' end local n = 0 "
             "for k in next, b do n = n + 1 end return info(s:gsub('string ', '') .. (n > 3 and 'ok' or 'few'))") ==
        "ok");
}

}  // namespace audit::lua
