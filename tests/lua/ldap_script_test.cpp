#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

constexpr char sequence = 0x30;
constexpr char octets = 0x04;

std::string element(char tag, const std::string& contents) {
  std::string header(1, tag);
  if (contents.size() < 0x80) return header + static_cast<char>(contents.size()) + contents;
  header += contents.size() < 0x100 ? "\x81" : "\x82";
  if (contents.size() >= 0x100) header += static_cast<char>(contents.size() >> 8);
  header += static_cast<char>(contents.size() & 0xff);
  return header + contents;
}

std::string message(char id, const std::string& operation) {
  return element(sequence, element(0x02, std::string(1, id)) + operation);
}

std::string result(char tag, char code, const std::string& words = "", const std::string& more = "") {
  return element(tag, element(0x0a, std::string(1, code)) + element(octets, "") + element(octets, words) + more);
}

std::string bound(char id, char code = 0, const std::string& words = "") {
  return message(id, result('\x61', code, words));
}

std::string done(char id, char code = 0) { return message(id, result('\x65', code)); }

std::string attribute(const std::string& type, const std::vector<std::string>& values) {
  std::string set;
  for (const std::string& value : values) set += element(octets, value);
  return element(sequence, element(octets, type) + element('\x31', set));
}

std::string entry(char id, const std::string& attributes) {
  return message(id, element('\x64', element(octets, "") + element(sequence, attributes)));
}

const std::string bind_1 = message(1, element('\x60', std::string("\x02\x01\x03\x04\x00\x80\x00", 7)));
const std::string starttls_oid = "1.3.6.1.4.1.1466.20037";
const std::string starttls_3 = message(3, element('\x77', element('\x80', starttls_oid)));

std::string search(char id) {
  std::string names;
  for (const char* name : {"*", "+", "namingContexts", "supportedControl", "supportedExtension", "supportedFeatures",
                           "supportedSASLMechanisms", "supportedLDAPVersion", "vendorName", "vendorVersion"})
    names += element(octets, name);
  const std::string before("\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass",
                           30);
  return message(id, element('\x63', before + element(sequence, names)));
}

const std::string dse =
    attribute("namingContexts", {"dc=lab,dc=test", "cn=x"}) + attribute("supportedLDAPVersion", {"2", "3"}) +
    attribute("SUPPORTEDsaslMECHANISMS", {"PLAIN"}) + attribute("supportedExtension;x-y", {"1.2.3", starttls_oid}) +
    attribute("supportedControl", {}) + attribute("vendorName", {"Lab"}) + attribute("monitorContext", {"cn=Monitor"});

const Turn binding{bind_1, bound(1)};
const Turn searching{search(2), entry(2, dse) + done(2)};

std::string asking(const std::string& options = "") {
  return "local ldap = require 'ldap'\n"
         "local a, session = ldap.root_dse(target, 389, { " +
         options +
         " })\n"
         "local function told(of)\n"
         "  return table.concat({ of.bind.code, tostring(of.anonymous), of.search and of.search.code or 'nil',\n"
         "    table.concat(of.naming_contexts or {}, '/'), table.concat(of.versions or {}, ' '),\n"
         "    table.concat(of.sasl_mechanisms or {}, ' '), table.concat(of.extensions or {}, ' '),\n"
         "    tostring(of.vendor), tostring(of.starttls), tostring(of.active_directory),\n"
         "    of.attributes and (of.attributes.monitorcontext or {})[1] or 'nil', of.cut }, '|')\n"
         "end\n"
         "local text = told(a)\n"
         "if a.starttls_result then text = text .. ' ' .. a.starttls_result.code end\n"
         "if a.secure then text = text .. ' ' .. a.secure.version .. ' ' .. told(a.secure) .. session.cipher end\n"
         "return info(text, a)";
}

std::string told(const Talk& talk, const std::string& options = "") {
  return says(asking(options), 389, steps_of(talk));
}

const std::string whole =
    "success|true|success|dc=lab,dc=test/cn=x|2 3|PLAIN|1.2.3 " + starttls_oid + "|Lab|true|false|cn=Monitor|0";

}  // namespace

TEST_CASE("ldap: the root DSE, in whatever pieces it comes") {
  CHECK(endure(asking(), 389, {binding, searching}) == whole);
}

TEST_CASE("ldap: lengths in a longer form than need be, as Active Directory writes them, are read") {
  const auto longer = [](std::string bytes) {  // of the outermost element
    const auto size = static_cast<char>(bytes[1]);
    return bytes.replace(1, 1, std::string("\x84\0\0\0", 4) + size);
  };
  const std::string capabilities = attribute("supportedCapabilities", {"1.2.840.113556.1.4.800"});
  CHECK(told({{bind_1, longer(bound(1))}, {search(2), longer(entry(2, capabilities)) + longer(done(2))}}) ==
        "success|true|success|||||nil|false|true|nil|0");
}

TEST_CASE("ldap: a bind that is refused is an answer, and the root DSE is asked for all the same") {
  const std::string refused = bound(1, 48, "anonymous bind disallowed");
  CHECK(told({{bind_1, refused}, searching}) == "inappropriateAuthentication|false" + whole.substr(12));
  CHECK(told({{bind_1, refused}, {search(2), done(2, 50)}}) ==
        "inappropriateAuthentication|false|insufficientAccessRights|||||nil|nil|nil|nil|0");
  CHECK(told({{bind_1, bound(1, 99)}, {search(2), done(2, 15)}}) == "99|false|15|||||nil|nil|nil|nil|0");
  CHECK(says(asking(), 389, {ScriptStep::expect(bind_1), ScriptStep::say(refused), ScriptStep::end()}) ==
        "inappropriateAuthentication|false|nil|||||nil|nil|nil|nil|0");
  CHECK_THAT(says(asking(), 389, {ScriptStep::expect(bind_1), ScriptStep::say(bound(1)), ScriptStep::end()}),
             Contains("error eof"));
}

TEST_CASE("ldap: StartTLS is asked where it is wanted and offered, and within TLS all is asked again") {
  const Turn going{starttls_3, message(3, result('\x78', 0, "", element('\x8a', starttls_oid))), true};
  std::string bind_4 = bind_1;
  bind_4[4] = 4;
  const Turn within{bind_4, bound(4)};
  const Turn again{search(5), entry(5, attribute("supportedSASLMechanisms", {"EXTERNAL"})) + done(5)};
  CHECK(endure(asking("starttls = true"), 389, {binding, searching, going, within, again}) ==
        whole + " success TLSv1.3 success|true|success|||EXTERNAL||nil|false|false|nil|0TLS_AES_128_GCM_SHA256");
  CHECK(told({binding, searching, {starttls_3, message(3, result('\x78', 52))}}, "starttls = true") ==
        whole + " unavailable");
  CHECK(told({binding, {search(2), entry(2, "") + done(2)}}, "starttls = true") ==
        "success|true|success|||||nil|false|false|nil|0");
  Turn slipping = going;
  slipping.says += bound(4);
  CHECK_THAT(told({binding, searching, slipping}, "starttls = true"),
             Contains("protocol_error") && Contains("CVE-2011-0411"));
}

TEST_CASE("ldap: TLS from the first byte, on 636 without being told") {
  const Talk talk = {{"", "", true}, binding, searching};
  const std::string body =
      "local a, session = require('ldap').root_dse(target, PORT)\n"
      "return info(a.tls.version .. session.cipher .. #a.naming_contexts, a)";
  for (const std::uint16_t port : {std::uint16_t{636}, std::uint16_t{3269}}) {
    std::string text = body;
    text.replace(text.find("PORT"), 4, std::to_string(port));
    CHECK(says(text, port, steps_of(talk)) == "TLSv1.3TLS_AES_128_GCM_SHA2562");
  }
  CHECK(told(talk, "tls = true, starttls = true") == whole);
  CHECK(says("return info(tostring(require('ldap').root_dse(target, 636, { tls = false }).tls))", 636,
             steps_of({binding, searching})) == "nil");
}

TEST_CASE("ldap: what is no LDAP, or answers something else, is no answer") {
  for (const std::string& words :
       {std::string("SSH-2.0-x\r\n"), std::string("\x30\x80\x00\x00", 4),
        std::string("\x30\x85\x00\x00\x00\x00\x01", 7), std::string("\x30\x00", 2), std::string("\x31\x02\x05\x00", 4),
        std::string("\x30\x02\x05\x00", 4), message(2, result('\x61', 0)), message(1, result('\x65', 0)),
        message(1, result('\x6d', 0)), message(1, element('\x61', "")),
        element(sequence, element(0x02, std::string(1, 1)))})
    CHECK_THAT(told({{bind_1, words}}), Contains("error protocol_error: ldap: 10.0.0.1:389: "));
  CHECK_THAT(told({{bind_1, std::string("\x30\x84\xff\xff\xff\xff", 6)}}),
             Contains("error truncated: ldap: 10.0.0.1:389: a message of 4294967295 bytes"));
  CHECK_THAT(told({{bind_1, std::string("\x30\x83\x04\x00\x01", 5)}}),
             Contains("error truncated") && Contains("of 262145 bytes; 262144 bytes"));
  CHECK_THAT(told({binding, {search(2), entry(2, "") + entry(2, "")}}), Contains("a second entry"));
  std::string many;
  for (int i = 0; i < 40; ++i) many += message(1, element('\x79', ""));
  CHECK_THAT(told({{bind_1, many}}), Contains("error truncated"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep = element(sequence, deep);
  CHECK_THAT(told({{bind_1, deep}}), Contains("error protocol_error") && Contains("nested"));
  CHECK_THAT(says(asking("timeout = 1"), 389, {ScriptStep::hang()}), Contains("error timeout"));
}

TEST_CASE("ldap: interim answers and references are passed over, and a goodbye is eof") {
  const std::string interim =
      message(2, element('\x79', "")) + message(2, element('\x73', element(octets, "ldap://x")));
  CHECK(told({binding, {search(2), interim + entry(2, dse) + interim + done(2)}}) == whole);
  const std::string goodbye =
      message(0, result('\x78', 8, "TLS \x1b first", element('\x8a', "1.3.6.1.4.1.1466.20036")));
  CHECK_THAT(told({{bind_1, goodbye}}),
             Contains("error eof: ldap: 10.0.0.1:389: it says goodbye: strongerAuthRequired TLS \\x1b first"));
  CHECK(told({{bind_1, bound(1, 13)}, {search(2), goodbye}}) ==
        "confidentialityRequired|false|nil|||||nil|nil|nil|nil|0");
}

TEST_CASE("ldap: values past what evidence holds are counted, and StartTLS is seen there too") {
  std::vector<std::string> oids;
  for (int i = 0; i < 200; ++i) oids.push_back("1.2." + std::to_string(i));
  oids.push_back(starttls_oid);
  const std::string body =
      "local a = require('ldap').root_dse(target)\n"
      "return info(#a.extensions .. ' ' .. a.cut .. ' ' .. tostring(a.starttls), a)";
  CHECK(says(body, 389, steps_of({binding, {search(2), entry(2, attribute("supportedExtension", oids)) + done(2)}})) ==
        "150 51 true");
  const std::string large = attribute("supportedExtension", {std::string(4000, 'x'), std::string(2000, 'x')}) +
                            attribute("other", {std::string(4000, 'x')});
  CHECK(says(body, 389, steps_of({binding, {search(2), entry(2, large) + done(2)}})) == "1 2 false");
}

TEST_CASE("ldap: messages are written as they are read") {
  CHECK(says("local ldap = require 'ldap'\n"
             "local text = ldap.encode { id = 7, op = { extended_request = { name = '1.2' } } }\n"
             "local m = ldap.decode(text)\n"
             "return info(bytes.hex(text) .. m.id .. m.op.extended_request.name)",
             389, {}) ==
        "300a0201077705800331"
        "2e3271.2");
  CHECK_THAT(says("require('ldap').encode { id = 7, op = {} }", 389, {}), Contains("rule_error"));
}

}  // namespace audit::lua
