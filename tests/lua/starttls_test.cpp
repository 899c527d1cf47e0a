#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;
using net::ScriptStep;

namespace {

net::TlsSession session() {
  net::TlsSession session;
  session.version = "TLSv1.2";
  session.cipher = "AES128-SHA";
  session.checked = true;
  session.verified = true;
  session.name = "10.0.0.1";
  return session;
}

std::string talk(const char* body, std::vector<ScriptStep> steps) {
  Bench bench(body);
  bench.port(25, std::move(steps));
  const Outcome outcome = bench.run();
  return outcome.finding.status == Status::informational ? outcome.finding.message
                                                         : ended(outcome) + ": " + outcome.finding.message;
}

}  // namespace

TEST_CASE("a stream begins TLS in mid-stream, shows what tls shows, and goes on in plain text") {
  Bench bench(
      "local c <close> = target:connect(25)\nc:read_line() c:write('STARTTLS\\r\\n') c:read_line()\n"
      "local s = c:starttls({ server_name = 'mail.lab.test', alpn = 'x', timeout = 3 })\n"
      "c:write('inside')\n"
      "return info(table.concat({ s.version, s.cipher, tostring(s.verified), #s.chain, s.sent, c:read_line() }, '|'), "
      "c)");
  bench.port(25, {ScriptStep::say("220 hi\r\n"), ScriptStep::expect("STARTTLS\r\n"), ScriptStep::say("220 go\r\n"),
                  ScriptStep::tls(session()), ScriptStep::expect("inside"), ScriptStep::say("250 safe\r\n")});
  const Outcome outcome = bench.run();
  CHECK(outcome.finding.message == "TLSv1.2|AES128-SHA|true|0|0|250 safe");
  REQUIRE(bench.world.handshakes().size() == 1);
  const net::TlsSettings& asked = bench.world.handshakes()[0].settings;
  CHECK(asked.server_name == "mail.lab.test");
  CHECK(asked.alpn == std::vector<std::string>{"x"});
  CHECK(asked.trust.kind == net::TlsTrust::Kind::system);
  REQUIRE(outcome.record.size() == 1);
  const Value* noted = outcome.record[0]->fields.find("tls");
  REQUIRE(noted != nullptr);
  CHECK(*noted->find("version")->get_if<std::string>() == "TLSv1.2");
}

TEST_CASE("a handshake that fails raises its kind, and the rule's mistakes are the rule's") {
  const char* body =
      "local c <close> = target:connect(25)\nlocal s, kind, why = try(c.starttls, c)\n"
      "return info(s and 'began' or kind .. '|' .. why)";
  CHECK(talk(body, {ScriptStep::tls(Error(Reason::tls_error, "alert 40"))}) == "tls_error|alert 40");
  CHECK_THAT(talk(body, {ScriptStep::hang()}), Contains("timeout|"));
  CHECK_THAT(talk(body, {ScriptStep::end()}), Contains("eof|"));
  CHECK_THAT(talk(body, {ScriptStep::say("220\r\n")}), Contains("tls_error|"));
  const auto mistake = [](const char* options) {
    const std::string text = std::string("local c <close> = target:connect(25) c:starttls(") + options + ")";
    return talk(text.c_str(), {ScriptStep::tls(session())});
  };
  CHECK_THAT(mistake("{ starttls = 'smtp' }"), Contains("error rule_error") && Contains("no option `starttls`"));
  CHECK_THAT(mistake("'x'"), Contains("error rule_error") && Contains("a table with names"));
  CHECK_THAT(mistake("{ trust = 1 }"), Contains("must be a string"));
  CHECK_THAT(talk("local c <close> = target:connect(25) c:close() c:starttls()", {}), Contains("the stream is closed"));
}

}  // namespace audit::lua
