#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

std::string asking(const std::string& options = "") {
  return "local a, session = require('imap').greet(target, 143, { " + options +
         " })\n"
         "local function told(of)\n"
         "  local names = {}\n"
         "  for name, rest in pairs(of.capabilities or {}) do names[#names + 1] = name .. '=' .. rest end\n"
         "  table.sort(names)\n"
         "  return table.concat({ table.concat(names, ','), table.concat(of.auth or {}, ','), tostring(of.starttls),\n"
         "    tostring(of.login_disabled), tostring(of.capability_error), of.cut }, '|')\n"
         "end\n"
         "local text = table.concat({ a.greeting, a.banner, told(a), tostring(a.starttls_error) }, '|')\n"
         "if a.secure then text = text .. ' ' .. a.secure.version .. ' ' .. told(a.secure) .. session.cipher end\n"
         "return info(text, a)";
}

std::string told(const Talk& talk, const std::string& options = "") {
  return says(asking(options), 143, steps_of(talk));
}

const Turn greeting{"", "* OK [ALERT] ready\r\n"};
const Turn plain{
    "a1 CAPABILITY\r\n",
    "* CAPABILITY IMAP4rev1 starttls LOGINDISABLED RIGHTS=te RIGHTS=k\r\n* OK still here\r\na1 OK done\r\n"};
const Turn going{"a2 STARTTLS\r\n", "a2 OK go\r\n", true};
const Turn within{"a3 CAPABILITY\r\n", "* CAPABILITY IMAP4rev2 AUTH=PLAIN auth=x\r\na3 OK\r\n"};

}  // namespace

TEST_CASE("imap: greeting and capabilities, in whatever pieces they come") {
  CHECK(endure(asking(), 143, {greeting, plain}) ==
        "OK|[ALERT] ready|IMAP4REV1=,LOGINDISABLED=,RIGHTS=TE K,STARTTLS=||true|true|nil|0|nil");
  CHECK(told({greeting, {"a1 CAPABILITY\r\n", "* capability A\r\n* CAPABILITY B\na1 ok\n"}}) ==
        "OK|[ALERT] ready|A=,B=||false|false|nil|0|nil");
}

TEST_CASE("imap: within TLS it is asked again, where STARTTLS is granted") {
  CHECK(endure(asking("starttls = true"), 143, {greeting, plain, going, within}) ==
        "OK|[ALERT] ready|IMAP4REV1=,LOGINDISABLED=,RIGHTS=TE K,STARTTLS=||true|true|nil|0|nil TLSv1.3 "
        "IMAP4REV2=|PLAIN,X|false|false|nil|0TLS_AES_128_GCM_SHA256");
  CHECK(told({greeting, plain, {"a2 STARTTLS\r\n", "a2 BAD no\r\n"}}, "starttls = true") ==
        "OK|[ALERT] ready|IMAP4REV1=,LOGINDISABLED=,RIGHTS=TE K,STARTTLS=||true|true|nil|0|no");
  CHECK_THAT(told({greeting, plain, {"a2 STARTTLS\r\n", "a2 OK go\r\n* CAPABILITY X\r\n", true}}, "starttls = true"),
             Contains("protocol_error") && Contains("CVE-2011-0411"));
}

TEST_CASE("imap: goodbye, and who is logged in already, are greetings too; a refusal is an answer") {
  CHECK(told({{"", "* BYE busy\r\n"}}) == "BYE|busy|||nil|nil|nil|0|nil");
  CHECK(told({{"", "* PREAUTH you\r\n"}, plain}, "starttls = true") ==
        "PREAUTH|you|IMAP4REV1=,LOGINDISABLED=,RIGHTS=TE K,STARTTLS=||true|true|nil|0|nil");
  CHECK(told({greeting, {"a1 CAPABILITY\r\n", "a1 NO never\r\n"}}) == "OK|[ALERT] ready|||nil|nil|never|0|nil");
  CHECK_THAT(told({greeting, {"a1 CAPABILITY\r\n", "* BYE tired\r\n"}}), Contains("error eof: ") && Contains("tired"));
}

TEST_CASE("imap: what is no IMAP, or has no end, is no answer") {
  for (const char* words :
       {"220 x\r\n", "\r\n", "* \r\n", "*\r\n", "* NO x\r\n", "a1 OK x\r\n", "+OK x\r\n", "* OK {3}\r\n"})
    CHECK_THAT(told({{"", words}}), Contains("error protocol_error: imap: 10.0.0.1:143: "));
  for (const char* words : {"a2 OK\r\n", "+ go on\r\n", "a1 OK no list\r\n", "* X {99999999}\r\n", "a1 HELLO x\r\n"})
    CHECK_THAT(told({greeting, {"a1 CAPABILITY\r\n", words}}), Contains("error protocol_error: imap: 10.0.0.1:143: "));
  CHECK_THAT(told({{"", std::string(9000, '*')}}), Contains("error truncated"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "* 1 EXISTS\r\n";
  CHECK_THAT(told({greeting, {"a1 CAPABILITY\r\n", many}}),
             Contains("error truncated: imap: 10.0.0.1:143: more than 1000"));
  CHECK_THAT(says(asking("timeout = 1"), 143, {ScriptStep::say("* OK"), ScriptStep::hang()}),
             Contains("error timeout"));
}

TEST_CASE("imap: what is left out is counted, and STARTTLS is seen there too") {
  std::string many = "* CAPABILITY";
  for (int i = 0; i < 70; ++i) many += " X" + std::to_string(i);
  CHECK_THAT(told({greeting, {"a1 CAPABILITY\r\n", many + " STARTTLS LOGINDISABLED\r\na1 OK\r\n"}}),
             Contains("X9=||true|true|nil|8|nil"));
  CHECK(told({{"", "* OK " + std::string(7000, 'x') + "\r\n"},
              {"a1 CAPABILITY\r\n", "a1 NO " + std::string(7000, 'x') + "\r\n"}}) == "OK||||nil|nil||2|nil");
}

}  // namespace audit::lua
