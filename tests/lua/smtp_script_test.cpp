#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

std::string asking(const std::string& options = "") {
  return "local smtp = require 'smtp'\n"
         "local a, session = smtp.greet(target, 25, { " +
         options +
         " })\n"
         "local function told(of)\n"
         "  local names = {}\n"
         "  for name, rest in pairs(of.capabilities or {}) do names[#names + 1] = name .. '=' .. rest end\n"
         "  table.sort(names)\n"
         "  return table.concat({ tostring(of.ehlo_code), table.concat(of.ehlo or {}, '/'), table.concat(names, ','),\n"
         "    tostring(of.starttls), of.cut }, '|')\n"
         "end\n"
         "local text = a.code .. '|' .. table.concat(a.banner, '/') .. '|' .. told(a)\n"
         "if a.starttls_code then text = text .. ' ' .. a.starttls_code end\n"
         "if a.secure then text = text .. ' ' .. a.secure.version .. ' ' .. told(a.secure) .. session.cipher end\n"
         "return info(#text > 2000 and #text .. '' or text, a)";
}

std::string told(const Talk& talk, const std::string& options = "") {
  return says(asking(options), 25, steps_of(talk));
}

const Turn greeting{"", "220-mail.lab.test ESMTP\r\n220 hello\r\n"};
const Turn plain{"EHLO audit.invalid\r\n", "250-mail.lab.test\r\n250-SIZE 1000\r\n250-starttls\r\n250 AUTH A  B\r\n"};
const Turn going{"STARTTLS\r\n", "220 go\r\n", true};
const Turn within{"EHLO audit.invalid\r\n", "250-mail.lab.test\r\n250-AUTH C\r\n250 AUTH D\r\n"};

}  // namespace

TEST_CASE("smtp: greeting and capabilities, in whatever pieces they come") {
  CHECK(endure(asking(), 25, {greeting, plain}) ==
        "220|mail.lab.test ESMTP/hello|250|mail.lab.test|AUTH=A  B,SIZE=1000,STARTTLS=|true|0");
  CHECK(told({{"", "220\r\n"}, {"EHLO audit.invalid\r\n", "250\n"}}) == "220||250|||false|0");
}

TEST_CASE("smtp: within TLS it is asked again, and what was said in clear is not what counts there") {
  CHECK(endure(asking("starttls = true"), 25, {greeting, plain, going, within}) ==
        "220|mail.lab.test ESMTP/hello|250|mail.lab.test|AUTH=A  B,SIZE=1000,STARTTLS=|true|0 220 TLSv1.3 "
        "250|mail.lab.test|AUTH=C D|false|0TLS_AES_128_GCM_SHA256");
  CHECK(told({greeting, plain, {"STARTTLS\r\n", "454 not now\r\n"}}, "starttls = true") ==
        "220|mail.lab.test ESMTP/hello|250|mail.lab.test|AUTH=A  B,SIZE=1000,STARTTLS=|true|0 454");
  CHECK_THAT(told({greeting, plain, {"STARTTLS\r\n", "220 go\r\n250 slipped in\r\n", true}}, "starttls = true"),
             Contains("protocol_error") && Contains("CVE-2011-0411"));
}

TEST_CASE("smtp: a refusal is an answer, and nothing more is asked") {
  CHECK(told({{"", "554-no\r\n554 service\r\n"}}) == "554|no/service|nil|||nil|0");
  CHECK(told({greeting, {"EHLO audit.invalid\r\n", "502 what?\r\n"}}, "starttls = true") ==
        "220|mail.lab.test ESMTP/hello|502|what?||nil|0");
}

TEST_CASE("smtp: what is no SMTP, or has no end, is no answer") {
  for (const char* words :
       {"SSH-2.0-x\r\n", "\r\n", "22\r\n", "2200 x\r\n", "920 x\r\n", "220-a\r\n250 b\r\n", "220-a\r\nb\r\n"})
    CHECK_THAT(told({{"", words}}), Contains("error protocol_error: smtp: 10.0.0.1:25: "));
  CHECK_THAT(told({{"", "\x1b[31m\r\n"}}), Contains("\"\\x1b[31m\" is no reply"));
  CHECK_THAT(told({{"", std::string(9000, '2')}}), Contains("error truncated"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "220-x\r\n";
  CHECK_THAT(told({{"", many}}), Contains("error truncated: smtp: 10.0.0.1:25: more than 1000 lines"));
  std::string large;
  for (int i = 0; i < 40; ++i) large += "220-" + std::string(8000, 'x') + "\r\n";
  CHECK_THAT(told({{"", large}}), Contains("error truncated: smtp"));
  CHECK_THAT(says(asking("timeout = 1"), 25, {ScriptStep::say("220"), ScriptStep::hang()}), Contains("error timeout"));
}

TEST_CASE("the answer of a library of conversations is evidence for a verdict, and has the conversation") {
  CHECK_THAT(says("local a = require('smtp').greet(target)\nreturn pass('seen', a)", 25, steps_of({greeting, plain})),
             Catch::StartsWith("pass"));
}

TEST_CASE("smtp: what is left out is counted, and STARTTLS is seen there too") {
  std::string offered = "250-mail\r\n";
  for (int i = 0; i < 70; ++i) offered += "250-X" + std::to_string(i) + "\r\n";
  CHECK_THAT(told({greeting, {"EHLO audit.invalid\r\n", offered + "250 STARTTLS\r\n"}}), Contains("X9=|true|7"));
  std::string large;
  for (int i = 0; i < 10; ++i) large += "250-" + std::string(1000, static_cast<char>('A' + i)) + "\r\n";
  const Turn hello{"EHLO audit.invalid\r\n", "250-" + std::string(6100, 'x') + "\r\n" + large + "250 end\r\n"};
  const std::string counts =
      "local a = require('smtp').greet(target, 25, { starttls = true })\n"
      "return info(#a.banner .. ' ' .. a.cut .. ' ' .. (a.secure and a.secure.cut or ''), a)";
  const Turn offering{"EHLO audit.invalid\r\n", "250-x\r\n250 STARTTLS\r\n"};
  CHECK(says(counts, 25, steps_of({{"", "220 " + std::string(6100, 'x') + "\r\n"}, offering, going, hello})) ==
        "1 0 5");
  CHECK(says(counts, 25, steps_of({{"", "220 " + std::string(8000, 'x') + "\r\n"}, hello})) == "0 6 ");
}

TEST_CASE("smtp: EHLO says the domain of whom to ask about us, where the inventory says whom") {
  for (const auto& [contact, name] :
       {std::pair("Net Sec <netsec@example.net>", "example.net"), std::pair("x@a..example", "audit.invalid"),
        std::pair("+49 30 1", "audit.invalid")}) {
    Bench bench(asking());
    bench.identity.contact = contact;
    bench.modules = scripts();
    bench.port(25, steps_of({greeting, {"EHLO " + std::string(name) + "\r\n", "250 x\r\n"}}));
    CHECK_THAT(bench.run().finding.message, Contains("|250|x|"));
  }
}

TEST_CASE("smtp: the name of EHLO is one, and cannot be more than a name") {
  CHECK_THAT(told({greeting, {"EHLO [192.0.2.1]\r\n", "250 x\r\n"}}, "name = '[192.0.2.1]'"), Contains("|250|x|"));
  for (const char* name : {"'a\\r\\nQUIT'", "''", "'a b'", "1", "'[1'", "('a'):rep(256)"})
    CHECK_THAT(told({greeting}, std::string("name = ") + name), Contains("rule_error") && Contains("name is a domain"));
}

}  // namespace audit::lua
