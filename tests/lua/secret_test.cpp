#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

/// A bench whose inventory has a credential `door`, for any target, in clear text, and some that cannot be had.
struct Vault {
  explicit Vault(std::string_view body) : bench(body) {
    Grant clear;
    clear.cleartext = true;
    Grant other = clear;
    other.groups = {"others"};
    Grant ports = clear;
    ports.endpoints = *parse_transport_ports("tcp/23");
    auto credentials = std::make_shared<probe::Credentials>();
    credentials->add("door", std::string("user:swordfish"), clear);
    credentials->add("word", std::string("swordfish"), clear);
    credentials->add("hidden", std::string("swordfish"), {});
    credentials->add("elsewhere", std::string("swordfish"), other);
    credentials->add("narrow", std::string("swordfish"), ports);
    credentials->add("unset", Error(Reason::missing_credential, "is not set: environment variable X"), clear);
    bench.identity.credentials = std::move(credentials);
  }
  Bench bench;
};

std::string say(std::string_view body, std::vector<ScriptStep> steps = {ScriptStep::say("hello\n")}) {
  Vault vault(body);
  vault.bench.port(22, std::move(steps));
  const Outcome outcome = vault.bench.run();
  return std::string(name_of(outcome.finding.status)) + " " + std::string(name_of(outcome.finding.reason)) + ": " +
         outcome.finding.message;
}

/// All that was sent to port 22.
std::string all_sent(const Bench& bench) {
  std::string all;
  for (const auto& sent : bench.world.sent())
    if (sent.to.port == 22) all += sent.bytes;
  return all;
}

/// As the peer on port 22 sees it; `written` is what stands within stream:write(…).
std::string heard(const std::string& written, std::string* shown = nullptr) {
  Vault vault(
      "local word, door = target:credential('word'), target:credential('door')\nlocal s <close> = target:connect(22)\n"
      "s:write(" +
      written + ")\nreturn pass('sent', s)");
  vault.bench.port(22, {ScriptStep::expect("never"), ScriptStep::hang()});
  const Outcome outcome = vault.bench.run();
  if (outcome.finding.status != Status::pass) return outcome.finding.message;
  if (shown != nullptr)
    *shown =
        *outcome.finding.evidence.at(0).observation->fields.get_if<Value::Object>()->at("sent").get_if<std::string>();
  return all_sent(vault.bench);
}

}  // namespace

TEST_CASE("a credential has a name and nothing else: no text, no length, no order, no joining") {
  CHECK(say("return info(tostring(target:credential('word')))") == "informational observed: credential word");
  CHECK(say("return info(string.format('%s', target:credential('word')))") ==
        "informational observed: credential word");
  CHECK(say("return info(tostring(target:credential('word') == 'swordfish'))") == "informational observed: false");
  CHECK(say("return info(tostring(getmetatable(target:credential('word'))))") == "informational observed: credential");
  for (const char* use : {"#c",
                          "c .. 'x'",
                          "'x' .. c",
                          "c < 'x'",
                          "c.bytes",
                          "c + 1",
                          "('').rep(c, 1)",
                          "string.len(c)",
                          "string.byte(c)",
                          "bytes.unhex(c)",
                          "bytes.equal(c, 'swordfish')",
                          "bytes.unpack('c9', c)",
                          "string.pack('z', c)",
                          "table.concat { c }",
                          "string.find(c, 'sword')",
                          "tonumber(c)()",
                          "crypto.encrypt('aes-128-ecb', 'kkkkkkkkkkkkkkkk', '', c)",
                          "crypto.mark(4, c)",
                          "der.decode(c)",
                          "target:banner(c)",
                          "error(c)",
                          "pass('x', c)",
                          "pass('x', { c = c })",
                          "pass(c, target:port(22))"}) {
    INFO(use);
    const std::string end =
        say(std::string("local c = target:credential('word')\nlocal x = ") + use + "\nreturn info('went')");
    CHECK_THAT(end, Contains("error rule_error"));
    CHECK_THAT(end, !Contains("swordf"));
  }
}

TEST_CASE("a credential that cannot be had ends the check as missing_credential, with the reason") {
  CHECK(say("target:credential('unset')") ==
        "not_reviewed missing_credential: credential `unset` is not set: environment variable X");
  CHECK_THAT(say("target:credential('none')"),
             Contains("not_reviewed missing_credential: credential `none` is not in the inventory"));
  CHECK_THAT(say("target:credential('elsewhere')"),
             Contains("not_reviewed missing_credential: credential `elsewhere` goes to"));
  CHECK_THAT(say("target:credential('word', 'user')"), Contains("is not of the form user:password"));
  CHECK(say("local c, kind = try(target.credential, target, 'unset')\nreturn info(tostring(c) .. ' ' .. kind)") ==
        "informational observed: nil missing_credential");
  CHECK_THAT(say("target:credential('door', 'colour')"), Contains("error rule_error"));
  CHECK_THAT(say("target:credential(1)"), Contains("error rule_error"));
}

TEST_CASE("what is written of a credential reaches the peer, and the record has asterisks") {
  std::string shown;
  CHECK(heard("word", &shown) == "swordfish");
  CHECK(shown == "*********");
  CHECK(heard("bytes.join('PASS ', word, '\\r\\n')", &shown) == "PASS swordfish\r\n");
  CHECK(shown == "PASS *********\r\n");
  CHECK(heard("bytes.join(target:credential('door', 'user'), ' ', target:credential('door', 'password'))", &shown) ==
        "user swordfish");
  CHECK(shown == "**** *********");
  CHECK(heard("bytes.pack('>s2 I1', word, 7)", &shown) == std::string("\0\x09swordfish\x07", 12));
  CHECK(shown == std::string("\0\x09*********\x07", 12));
  CHECK(heard("bytes.base64(bytes.join('\\0', 'u', '\\0', word))", &shown) == "AHUAc3dvcmRmaXNo");
  CHECK(shown == "****************");
  CHECK(heard("bytes.hex(word)", &shown) == "73776f726466697368");
  CHECK(heard("bytes.join('$', bytes.length(word), ' ', word)", &shown) == "$9 swordfish");
  CHECK(shown == "$* *********");
  CHECK(heard("der.encode { 1, word, { class = 'context', tag = 0, value = word } }", &shown) ==
        std::string("\x30\x19\x02\x01\x01\x04\x09swordfish\x80\x09swordfish", 27));
  CHECK(shown == std::string("\x30\x19\x02\x01\x01\x04\x09*********\x80\x09*********", 27));
  CHECK(heard("bytes.hex(crypto.hash('md5', bytes.join(word, 'x')))", &shown) == "5ad23c9e275f909a6f3afcc538e2d520");
  CHECK(shown == std::string(32, '*'));
  CHECK(heard("bytes.xor(bytes.join(word), 'aaaaaaaaa')") == std::string("\x12\x16\x0e\x13\x05\x07\x08\x12\x09", 9));
}

TEST_CASE("without a credential among them the builders give texts as ever") {
  CHECK(say("return info(bytes.join('a', 'b', '') .. bytes.length('four') .. bytes.pack('>I2', 0x4142) .. "
            "bytes.join())") == "informational observed: ab4AB");
  CHECK_THAT(say("bytes.join('a', 1)"), Contains("test.rule.lua:2: bytes.join: argument 2 (bytes) is to be a string"));
  CHECK_THAT(say("bytes.pack('I9x9', 1)"), Contains("test.rule.lua:2: "));
}

TEST_CASE("an HMAC of a credential is bytes: it is what the peer sees") {
  CHECK(say("return info(bytes.hex(crypto.hmac('md5', target:credential('word'), 'challenge')))") ==
        say("return info(bytes.hex(crypto.hmac('md5', 'swordfish', 'challenge')))"));
  CHECK(say("return info(bytes.hex(crypto.hmac('md5', 'key', target:credential('word'))))") ==
        say("return info(bytes.hex(crypto.hmac('md5', 'key', 'swordfish')))"));
}

TEST_CASE("in clear text, or to another port, a credential does not go, and nothing is sent") {
  for (const auto& [name, why] : {std::pair("hidden", "in clear text; use TLS, or allow it with cleartext = true"),
                                  std::pair("narrow", "goes to tcp/23 only, and not to tcp/10.0.0.1:22")}) {
    Vault vault("local s <close> = target:connect(22)\ns:write(bytes.join('PASS ', target:credential('" +
                std::string(name) + "')))");
    vault.bench.port(22, {ScriptStep::expect("never"), ScriptStep::hang()});
    const Outcome outcome = vault.bench.run();
    CHECK(ended(outcome) == "not_reviewed missing_credential");
    CHECK_THAT(outcome.finding.message, Contains(why));
    CHECK(all_sent(vault.bench).empty());
  }
  CHECK_THAT(say("target:udp(161, { send = target:credential('hidden') })"),
             Contains("not_reviewed missing_credential"));
}

TEST_CASE("only typed options take a credential") {
  CHECK_THAT(say("target:http(22, { auth = 'user:swordfish' })"),
             Contains("error rule_error") && Contains("auth") && !Contains("swordfish"));
  for (const char* call : {"target:http(22, { body = c })", "target:http(22, { path = c })",
                           "target:http(22, { headers = c })", "target:http(22, { headers = { A = c } })",
                           "target:banner(22, { send = c })", "target:udp(161, { farewell = c, other_ports = true })",
                           "target:dns('x', { server = c })", "target:port(22, { timeout = c })",
                           "target:connect(22, { timeout = c })", "target:tls(22, { server_name = c })"}) {
    INFO(call);
    const std::string end = say(std::string("local c = target:credential('word')\n") + call + "\nreturn info('went')");
    CHECK_THAT(end, Contains("error rule_error"));
    CHECK_THAT(end, !Contains("swordf"));
  }
}

TEST_CASE("http takes a credential itself as well as its name") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const std::vector<ScriptStep> steps{ScriptStep::expect("Authorization: Basic dXNlcjpzd29yZGZpc2g=\r\n"),
                                      ScriptStep::say(answer)};
  CHECK(say("return info(target:http(22, { auth = target:credential('door') }).body)", steps) ==
        "informational observed: ok");
  CHECK(say("return info(target:http(22, { auth = 'door' }).body)", steps) == "informational observed: ok");
  CHECK_THAT(say("target:http(22, { auth = bytes.join(target:credential('door'), target:credential('word')) })", steps),
             Contains("error rule_error"));
}

TEST_CASE("snmp: a community of the inventory is in the question, and in nothing that a rule sees") {
  Vault vault(
      "local snmp = require 'snmp'\n"
      "local q = snmp.encode('get', 1, { '1.3.6.1.2.1.1.1.0' }, { community = target:credential('word') })\n"
      "local s <close> = target:connect(22)\ns:write(q)\n"
      "return info(tostring(q), s)");
  vault.bench.modules = scripts();
  vault.bench.port(22, {ScriptStep::expect("never"), ScriptStep::hang()});
  const Outcome outcome = vault.bench.run();
  CHECK(outcome.finding.message == "credential word");
  CHECK_THAT(all_sent(vault.bench), Contains(std::string("\x04\x09swordfish\xa0", 12)));
}

TEST_CASE("redis: a credential logs in before anything is asked") {
  const std::string body = R"(
local a = require("redis").info(target, 22, { timeout = 2, password = target:credential("word") })
return info(a.ping .. "|" .. tostring(a.auth_error) .. "|" .. tostring(a.auth_required) .. "|" .. tostring(a.version)))";
  const auto told = [&](const Talk& talk) {
    Vault vault(body);
    vault.bench.modules = scripts();
    vault.bench.port(22, steps_of(talk));
    const Outcome outcome = vault.bench.run();
    INFO(all_sent(vault.bench));
    CHECK_THAT(all_sent(vault.bench), Catch::StartsWith(talk.front().hears));
    return outcome.finding.message;
  };
  const std::string login = "*2\r\n$4\r\nAUTH\r\n$9\r\nswordfish\r\n";
  CHECK(told({{login, "+OK\r\n"}, {"PING", "+PONG\r\n"}, {"INFO", "$19\r\nredis_version:7.0.1\r\n"}}) ==
        "PONG|nil|nil|7.0.1");
  CHECK(told({{login, "-WRONGPASS invalid\r\n"}}) == "WRONGPASS invalid|WRONGPASS invalid|true|nil");
  CHECK_THAT(say("require('redis').info(target, 22, { password = 'swordfish' })"),
             Contains("error rule_error") && !Contains("swordfish"));
}

}  // namespace audit::lua
