#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

std::string asking(const std::string& options = "") {
  return "local a, session = require('ftp').greet(target, 21, { " + options +
         " })\n"
         "local function told(of)\n"
         "  local names = {}\n"
         "  for name, rest in pairs(of.features or {}) do names[#names + 1] = name .. '=' .. rest end\n"
         "  table.sort(names)\n"
         "  return tostring(of.feat_code) .. '|' .. table.concat(names, ',') .. '|' .. of.cut\n"
         "end\n"
         "local text = table.concat({ a.code, table.concat(a.banner, '/'), told(a), tostring(a.auth_tls),\n"
         "  tostring(a.syst_code), tostring(a.system) }, '|')\n"
         "if a.auth_code then text = text .. ' ' .. a.auth_code end\n"
         "if a.secure then text = text .. ' ' .. a.secure.version .. ' ' .. told(a.secure) .. session.cipher end\n"
         "return info(text, a)";
}

std::string told(const Talk& talk, const std::string& options = "") {
  return says(asking(options), 21, steps_of(talk));
}

std::string logged_in(const Talk& talk) {
  return says(
      "local a = require('ftp').anonymous(target)\n"
      "return info(table.concat({ a.code, tostring(a.user_code), tostring(a.password_code), tostring(a.accepted),\n"
      "  table.concat(a.message, '/'), a.cut }, '|'), a)",
      21, steps_of(talk));
}

const Turn greeting{"", "220-Hello\r\n  all\r\n220 you\r\n"};
const Turn features{"FEAT\r\n", "211-Features:\r\n AUTH TLS;SSL\r\n utf8\r\n211 End\r\n"};
const Turn no_features{"FEAT\r\n", "500 what?\r\n"};
const Turn system{"SYST\r\n", "215 UNIX Type: L8\r\n"};

}  // namespace

TEST_CASE("ftp: greeting, features and system, in whatever pieces they come") {
  CHECK(endure(asking(), 21, {greeting, features, system}) ==
        "220|Hello/  all/you|211|AUTH=TLS;SSL,UTF8=|0|true|215|UNIX Type: L8");
  CHECK(told({{"", "120 in 3 minutes\r\n220\r\n"}, {"FEAT\r\n", "211 none\r\n"}, {"SYST\r\n", "530 log in\r\n"}}) ==
        "220||211||0|false|530|nil");
  CHECK(told({greeting, {"FEAT\r\n", "211-x\r\n AUTH SSL\r\n AUTH TLSX\r\n211 end\r\n"}, system}) ==
        "220|Hello/  all/you|211|AUTH=SSL TLSX|0|false|215|UNIX Type: L8");
}

TEST_CASE("ftp: a server without FEAT may take AUTH TLS all the same, and within TLS it is asked again") {
  CHECK(told({greeting, no_features, system}) == "220|Hello/  all/you|500||0|nil|215|UNIX Type: L8");
  CHECK(endure(asking("starttls = true"), 21,
               {greeting,
                no_features,
                system,
                {"AUTH TLS\r\n", "234 go\r\n", true},
                {"FEAT\r\n", "211-x\r\n PBSZ\r\n211 y\r\n"}}) ==
        "220|Hello/  all/you|500||0|true|215|UNIX Type: L8 234 TLSv1.3 211|PBSZ=|0TLS_AES_128_GCM_SHA256");
  CHECK(told({greeting, no_features, system, {"AUTH TLS\r\n", "534 no\r\n"}}, "starttls = true") ==
        "220|Hello/  all/you|500||0|nil|215|UNIX Type: L8 534");
  CHECK_THAT(told({greeting, no_features, system, {"AUTH TLS\r\n", "234 go\r\n230 in\r\n", true}}, "starttls = true"),
             Contains("protocol_error") && Contains("CVE-2011-0411"));
}

TEST_CASE("ftp: lines between begin as they like, codes too, and a reply ends only with its own code") {
  CHECK(told({{"", "220-a\r\n221 b\r\n220x\r\n-\r\n220 c\r\n"}, features, system}) ==
        "220|a/221 b/220x/-/c|211|AUTH=TLS;SSL,UTF8=|0|true|215|UNIX Type: L8");
}

TEST_CASE("ftp: a refusal is an answer; what is no FTP, or has no end, is none") {
  CHECK(told({{"", "421 too many\r\n"}}) == "421|too many|nil||0|nil|nil|nil");
  for (const char* words :
       {"SSH-2.0-x\r\n", "\r\n", "22\r\n", "720 x\r\n", "120 a\r\n120 b\r\n120 c\r\n120 d\r\n220 e\r\n"})
    CHECK_THAT(told({{"", words}}), Contains("error protocol_error: ftp: 10.0.0.1:21: "));
  CHECK_THAT(told({{"", std::string(9000, '2')}}), Contains("error truncated"));
  std::string many = "220-\r\n";
  for (int i = 0; i < 1001; ++i) many += "x\r\n";
  CHECK_THAT(told({{"", many}}), Contains("error truncated: ftp: 10.0.0.1:21: more than 1000 lines"));
  CHECK_THAT(says(asking("timeout = 1"), 21, {ScriptStep::say("220"), ScriptStep::hang()}), Contains("error timeout"));
}

TEST_CASE("ftp: features past those that are kept are counted, and AUTH TLS is seen there too") {
  std::string listed = "211-x\r\n";
  for (int i = 0; i < 70; ++i) listed += " X" + std::to_string(i) + "\r\n";
  CHECK_THAT(told({greeting, {"FEAT\r\n", listed + " AUTH TLS\r\n211 end\r\n"}, system}), Contains("|7|true|215|"));
}

TEST_CASE("ftp: the anonymous are let in with a password, without one, or not") {
  const Turn user{"USER anonymous\r\n", "331 password\r\n"};
  CHECK(logged_in({greeting, user, {"PASS audit@audit.invalid\r\n", "230-in\r\n230 now\r\n"}}) ==
        "220|331|230|true|in/now|0");
  CHECK(logged_in({greeting, user, {"PASS audit@audit.invalid\r\n", "530 no\r\n"}}) == "220|331|530|false|no|0");
  CHECK(logged_in({greeting, {"USER anonymous\r\n", "230 in\r\n"}}) == "220|230|nil|true|in|0");
  CHECK(logged_in({greeting, {"USER anonymous\r\n", "332 account\r\n"}}) == "220|332|nil|false|account|0");
  CHECK(logged_in({{"", "230 in already\r\n"}}) == "230|nil|nil|false|in already|0");
  CHECK_THAT(logged_in({greeting, user}), Contains("error timeout"));
}

}  // namespace audit::lua
