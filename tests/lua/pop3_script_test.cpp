#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

std::string asking(const std::string& options = "") {
  return "local a, session = require('pop3').greet(target, 110, { " + options +
         " })\n"
         "local function told(of)\n"
         "  local names = {}\n"
         "  for name, rest in pairs(of.capabilities or {}) do names[#names + 1] = name .. '=' .. rest end\n"
         "  table.sort(names)\n"
         "  return table.concat(names, ',') .. '|' .. tostring(of.stls) .. '|' .. tostring(of.capa_error) .. '|' .. "
         "of.cut\n"
         "end\n"
         "local text = table.concat({ tostring(a.ok), a.banner, tostring(a.apop), told(a), tostring(a.stls_error) }, "
         "'|')\n"
         "if a.secure then text = text .. ' ' .. a.secure.version .. ' ' .. told(a.secure) .. session.cipher end\n"
         "return info(text, a)";
}

std::string told(const Talk& talk, const std::string& options = "") {
  return says(asking(options), 110, steps_of(talk));
}

const Turn greeting{"", "+OK ready <1.2@lab.test>\r\n"};
const Turn plain{"CAPA\r\n", "+OK list\r\nTOP\r\nSASL PLAIN LOGIN\r\nstls\r\n.\r\n"};
const Turn going{"STLS\r\n", "+OK go\r\n", true};
const Turn within{"CAPA\r\n", "+OK\r\nUSER\r\n.\r\n"};

}  // namespace

TEST_CASE("pop3: greeting, APOP and capabilities, in whatever pieces they come") {
  CHECK(endure(asking(), 110, {greeting, plain}) ==
        "true|ready <1.2@lab.test>|<1.2@lab.test>|SASL=PLAIN LOGIN,STLS=,TOP=|true|nil|0|nil");
  CHECK(told({{"", "+OK\n"}, {"CAPA\r\n", "+OK\n..X y\n.\n"}}) == "true||nil|.X=y|false|nil|0|nil");
  CHECK(told({{"", "+OK <no stamp@x> <>\r\n"}, {"CAPA\r\n", "-ERR what?\r\n"}}, "starttls = true") ==
        "true|<no stamp@x> <>|nil||nil|what?|0|nil");
}

TEST_CASE("pop3: within TLS it is asked again, where STLS is granted") {
  CHECK(endure(asking("starttls = true"), 110, {greeting, plain, going, within}) ==
        "true|ready <1.2@lab.test>|<1.2@lab.test>|SASL=PLAIN LOGIN,STLS=,TOP=|true|nil|0|nil TLSv1.3 "
        "USER=|false|nil|0TLS_AES_128_GCM_SHA256");
  CHECK(told({greeting, plain, {"STLS\r\n", "-ERR not now\r\n"}}, "starttls = true") ==
        "true|ready <1.2@lab.test>|<1.2@lab.test>|SASL=PLAIN LOGIN,STLS=,TOP=|true|nil|0|not now");
  CHECK_THAT(told({greeting, plain, {"STLS\r\n", "+OK go\r\n+OK in\r\n", true}}, "starttls = true"),
             Contains("protocol_error") && Contains("CVE-2011-0411"));
}

TEST_CASE("pop3: a refusal is an answer; what is no POP3, or has no end, is none") {
  CHECK(told({{"", "-ERR busy\r\n"}}) == "false|busy|nil||nil|nil|0|nil");
  for (const char* words : {"220 x\r\n", "\r\n", "+OKAY\r\n", "+ok x\r\n", "* OK x\r\n", "\x1b\r\n"})
    CHECK_THAT(told({{"", words}}), Contains("error protocol_error: pop3: 10.0.0.1:110: "));
  CHECK_THAT(told({{"", std::string(9000, '+')}}), Contains("error truncated"));
  std::string many = "+OK\r\n";
  for (int i = 0; i < 1001; ++i) many += "X\r\n";
  CHECK_THAT(told({greeting, {"CAPA\r\n", many}}),
             Contains("error truncated: pop3: 10.0.0.1:110: more than 1000 lines"));
  CHECK_THAT(says(asking("timeout = 1"), 110, {ScriptStep::say("+OK"), ScriptStep::hang()}), Contains("error timeout"));
}

TEST_CASE("pop3: what is left out is counted, and STLS is seen there too") {
  std::string many = "+OK\r\n";
  for (int i = 0; i < 70; ++i) many += "X" + std::to_string(i) + "\r\n";
  CHECK_THAT(told({greeting, {"CAPA\r\n", many + "STLS\r\n.\r\n"}}), Contains("X9=|true|nil|7|nil"));
  CHECK(told({{"", "+OK " + std::string(7000, 'x') + "\r\n"},
              {"CAPA\r\n", "-ERR " + std::string(7000, 'x') + "\r\n"}}) == "true||nil||nil||2|nil");
}

}  // namespace audit::lua
