#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

const std::string body = R"(
local redis = require "redis"
local a = redis.info(target, 6379, { timeout = 2 })
return info(table.concat({ a.ping, tostring(a.auth_required), tostring(a.protected_mode), tostring(a.version),
  tostring(a.mode), tostring(a.info_error), a.info_cut }, "|"), a))";

const std::string ping = "*1\r\n$4\r\nPING\r\n";
const std::string ask = "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n";

std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

Talk server(const std::string& info) { return {{ping, "+PONG\r\n"}, {ask, bulk(info)}}; }

std::string told(const Talk& talk) { return says(body, 6379, steps_of(talk)); }

}  // namespace

TEST_CASE("redis: a server that obeys everybody says what it is, in whatever pieces it comes") {
  CHECK(endure(body, 6379, server("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux: x\r\n")) ==
        "PONG|false|false|7.0.15|standalone|nil|0");
}

TEST_CASE("redis: a password, protected mode and a refused command are told apart") {
  CHECK(endure(body, 6379, {{ping, "-NOAUTH Authentication required.\r\n"}}) ==
        "NOAUTH Authentication required.|true|false|nil|nil|nil|0");
  CHECK(told({{ping, "-ERR operation not permitted\r\n"}}) == "ERR operation not permitted|true|false|nil|nil|nil|0");
  CHECK(told({{"", "-DENIED Redis is running in protected mode because x\r\n"}}) ==
        "DENIED Redis is running in protected mode because x|nil|true|nil|nil|nil|0");
  CHECK(told({{ping, "-NOPERM no ping\r\n"}, {ask, "-NOPERM no info\r\n"}}) ==
        "NOPERM no ping|nil|false|nil|nil|NOPERM no info|0");
  CHECK(told({{ping, "+PONG\r\n"}, {ask, "-ERR unknown command\r\n"}}) ==
        "PONG|false|false|nil|nil|ERR unknown command|0");
}

TEST_CASE("redis: what is no Redis, or too much of it, is no answer") {
  for (const char* words : {"SSH-2.0-x\r\n", "+OK\r\n", "+PONG\n", ":1\r\n", "$-2\r\n", "$x\r\n", "*2\r\n", "\r\n",
                            "$99999999999999999999\r\n", "$1\r\nabc"})
    CHECK_THAT(told({{ping, words}}), Contains("error protocol_error: redis: 10.0.0.1:6379: "));
  CHECK_THAT(told({{ping, "+PONG\r\n"}, {ask, "$-1\r\n"}}), Contains("error protocol_error"));
  CHECK_THAT(told({{ping, "+PONG\r\n"}, {ask, "$4\r\nabcdef"}}), Contains("does not end where it says"));
  CHECK_THAT(told({{ping, "+PONG\r\n"}, {ask, "$65537\r\n"}}), Contains("error truncated: redis: 10.0.0.1:6379: "));
  CHECK_THAT(told({{ping, std::string(5000, '+')}}), Contains("error truncated"));
  CHECK_THAT(says(body, 6379, {ScriptStep::hang()}), Contains("error timeout"));
  CHECK_THAT(says(body, 6379, {ScriptStep::end()}), Contains("error eof"));
}

TEST_CASE("redis: more fields than are kept are counted, and the answer stays evidence") {
  std::string info;
  for (int i = 0; i < 300; ++i) info += "field_" + std::to_string(i) + ":x\r\n";
  CHECK(told(server(info)) == "PONG|false|false|nil|nil|nil|44");
  std::string large = "redis_version:1\r\n";
  for (int i = 0; i < 60; ++i) large += "f" + std::to_string(i) + ":" + std::string(1000, 'x') + "\r\n";
  CHECK(told(server(large)) == "PONG|false|false|1|nil|nil|49");
}

TEST_CASE("redis: an error as long as that of protected mode is read (1,067 bytes in Redis 7)") {
  const std::string words = "DENIED Redis is running in protected mode because " + std::string(1500, 'x');
  CHECK(told({{"", "-" + words + "\r\n"}}) == words + "|nil|true|nil|nil|nil|0");
}

TEST_CASE("redis: bytes are bytes, and a section that is no string is the rule's mistake") {
  CHECK(says("local redis = require 'redis' return info(bytes.hex(redis.encode { 'a\\0', '' }))", 6379, {}) ==
        "2a320d0a24320d0a61000d0a24300d0a0d0a");
  CHECK_THAT(says("require('redis').info(target, 6379, { section = 1 })", 6379, {}), Contains("rule_error"));
}

}  // namespace audit::lua
