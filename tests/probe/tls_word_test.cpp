#include <fstream>
#include <iterator>

#include "../source_dir.hpp"
#include "probe/conversation.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

std::string seed(const std::string& path) {
  std::ifstream file(test::source_dir() + "/tests/fuzz/corpus/" + path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(bytes.size() > 100);
  return bytes;
}

TlsSession session() {
  TlsSession session;
  session.version = "TLSv1.3";
  session.cipher = "TLS_AES_128_GCM_SHA256";
  session.cipher_iana = session.cipher;
  session.group = "x25519";
  session.chain = {seed("certificate/ed25519"), seed("certificate/rsa"), "rubbish"};
  session.staple = seed("ocsp/revoked");
  session.checked = true;
  session.verify_reason = "self-signed certificate";
  session.name = "web.lab.test";
  session.name_matches = true;
  return session;
}

const Value::Object& object(const Value& value) { return *value.get_if<Value::Object>(); }
const Value::Object& certificate(const Value::Object& fields, std::size_t i) {
  return object(fields.at("chain").get_if<Value::Array>()->at(i));
}

/// Asks `tls` of one scripted peer: "observed", or the reason and message.
std::string ending(std::uint16_t port, std::vector<ScriptStep> steps, Value::Object options = {}) {
  Probing probing;
  probing.peer(port, std::move(steps));
  const Answer answer = probing.ask("tls", port, std::move(options));
  if (answer.observation) CHECK(answer.observation->reason == probing.reason(answer));
  return answer.outcome ? "observed"
                        : std::string(name_of(answer.outcome.error().reason)) + ": " + answer.outcome.error().message;
}

}  // namespace

TEST_CASE("tls shows the handshake, and reads every certificate and the staple") {
  Probing probing;
  probing.peer(443, {ScriptStep::tls(session(), 30ms)});
  const Answer answer = probing.ask("tls", 443, {{"server_name", "web.lab.test"}, {"alpn", Value::Array{"h2"}}});
  REQUIRE(answer.outcome);
  const Value::Object& fields = answer.fields;
  CHECK(text(fields, "version") == "TLSv1.3");
  CHECK(text(fields, "group") == "x25519");
  CHECK(text(fields, "starttls") == "none");
  CHECK(text(fields, "reason") == "self-signed certificate");
  CHECK(*fields.at("verified").get_if<bool>() == false);
  CHECK(*fields.at("name_matches").get_if<bool>());
  CHECK(*fields.at("handshake_time").get_if<double>() == Approx(0.03));
  CHECK(number(fields, "sent") == 3);
  CHECK(text(object(certificate(fields, 0).at("key")), "type") == "ed25519");
  const Value::Object& rsa = certificate(fields, 1);
  CHECK(text(rsa, "der") == seed("certificate/rsa"));
  CHECK(text(rsa, "serial") == "0abc");
  CHECK(text(rsa, "not_after") == "2027-01-02T03:04:05Z");
  CHECK(number(rsa, "not_after_time") == 1798859045);
  CHECK(number(rsa, "days_left") == (1798859045 - 1'800'000'000 - 3'600) / 86'400 - 1);  // ended; rounded away from now
  CHECK(certificate(fields, 2).contains("problem"));
  const Value::Object& staple = object(fields.at("staple"));
  CHECK(text(staple, "status") == "revoked");
  CHECK(text(staple, "serial") == "0def");

  const Value::Object& kept = *answer.observation->fields.get_if<Value::Object>();
  CHECK_FALSE(certificate(kept, 1).contains("der"));
  CHECK(text(certificate(kept, 2), "der") == "rubbish");  // all that there is of it
  CHECK_FALSE(object(kept.at("staple")).contains("der"));
  CHECK(text(certificate(kept, 1), "serial") == "0abc");
  REQUIRE(probing.world.handshakes().size() == 1);
  const TlsSettings& asked = probing.world.handshakes()[0].settings;
  CHECK(asked.server_name == "web.lab.test");
  CHECK(asked.alpn == std::vector<std::string>{"h2"});
  CHECK(asked.trust.kind == TlsTrust::Kind::system);
}

TEST_CASE("a handshake that an unreadable certificate ended is an error, whose evidence keeps what was sent") {
  Probing probing;
  TlsSession unfinished = session();
  unfinished.unfinished = "tcp/10.0.0.1:443: certificate 3 of the 3 cannot be read";
  probing.peer(443, {ScriptStep::tls(unfinished)});
  const Answer answer = probing.ask("tls", 443);
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().reason == Reason::tls_error);
  CHECK(answer.outcome.error().message == unfinished.unfinished);
  CHECK(answer.fields.empty());
  CHECK(answer.observation->reason == Reason::tls_error);
  const Value::Object& kept = object(answer.observation->fields.get_if<Value::Object>()->at("tls"));
  CHECK(text(kept, "version") == "TLSv1.3");
  CHECK(number(kept, "sent") == 3);
  CHECK(text(certificate(kept, 1), "serial") == "0abc");
  CHECK_FALSE(certificate(kept, 1).contains("der"));
  CHECK(text(certificate(kept, 2), "der") == "rubbish");
  CHECK_FALSE(kept.contains("verified"));
  CHECK_FALSE(kept.contains("compression"));
}

TEST_CASE("a chain that was not verified has no `verified`") {
  Probing probing;
  TlsSession unchecked = session();
  unchecked.checked = false;
  probing.peer(443, {ScriptStep::tls(unchecked)});
  const Answer answer = probing.ask("tls", 443, {{"trust", "none"}});
  REQUIRE(answer.outcome);
  CHECK_FALSE(answer.fields.contains("verified"));
  CHECK_FALSE(text(answer.fields, "reason").empty());
  CHECK(probing.world.handshakes()[0].settings.trust.kind == TlsTrust::Kind::none);
}

TEST_CASE("of a long chain the first certificates are read, and all are counted") {
  Probing probing;
  TlsSession long_one = session();
  long_one.chain.assign(100, seed("certificate/ed25519"));
  probing.peer(443, {ScriptStep::tls(long_one)});
  const Answer answer = probing.ask("tls", 443);
  CHECK(answer.fields.at("chain").get_if<Value::Array>()->size() == 32);
  CHECK(number(answer.fields, "sent") == 100);
}

TEST_CASE("where a port's protocol begins in clear, tls leads it to STARTTLS first") {
  Probing probing;
  probing.peer(25, {ScriptStep::say("220 mail ESMTP\r\n"), ScriptStep::expect("EHLO [10.0.0.1]\r\n"),
                    ScriptStep::say("250-mail\r\n250 STARTTLS\r\n", {}, 3), ScriptStep::expect("STARTTLS\r\n"),
                    ScriptStep::say("220 go\r\n"), ScriptStep::tls(session())});
  const Answer answer = probing.ask("tls", 25);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "starttls") == "smtp");
  CHECK(text(answer.fields, "version") == "TLSv1.3");
  CHECK(ending(25, {ScriptStep::tls(session())}, {{"starttls", "none"}}) == "observed");
  CHECK(ending(2'525,
               {ScriptStep::say("+OK\r\n"), ScriptStep::expect("STLS\r\n"), ScriptStep::say("+OK\r\n"),
                ScriptStep::tls(session())},
               {{"starttls", "pop3"}}) == "observed");
}

TEST_CASE("a mail server is told by its greeting whom to ask about us, where the inventory says it") {
  for (const auto& [contact, name] : {std::pair<std::string, std::string>("netsec@example.net", "example.net"),
                                      {"https://example.net/scans", "[10.0.0.1]"}}) {
    CAPTURE(contact);
    Probing probing;
    probing.identity.contact = contact;
    probing.peer(25, {ScriptStep::say("220 mail ESMTP\r\n"), ScriptStep::expect("EHLO " + name + "\r\n"),
                      ScriptStep::say("250-mail\r\n250 STARTTLS\r\n"), ScriptStep::expect("STARTTLS\r\n"),
                      ScriptStep::say("220 go\r\n"), ScriptStep::tls(session())});
    CHECK(probing.ask("tls", 25).outcome);
  }
}

TEST_CASE("a handshake that fails, before it or in it, says why") {
  CHECK(ending(443, {ScriptStep::tls(Error(Reason::tls_error, "alert 40"))}) == "tls_error: alert 40");
  CHECK_THAT(ending(443, {ScriptStep::hang()}), Catch::StartsWith("timeout: tcp/10.0.0.1:443"));
  CHECK_THAT(ending(443, {ScriptStep::reset()}), Catch::StartsWith("reset: tcp/10.0.0.1:443"));
  CHECK_THAT(ending(443, {ScriptStep::end()}), Catch::StartsWith("eof: tcp/10.0.0.1:443"));
  CHECK_THAT(ending(443, {ScriptStep::say("220 hi\r\n")}), Catch::StartsWith("tls_error: tcp/10.0.0.1:443"));
  const ScriptStep hello = ScriptStep::say("220 mail\r\n");
  const ScriptStep ehlo = ScriptStep::expect("EHLO");
  CHECK_THAT(ending(25, {hello, ehlo, ScriptStep::say("250 mail\r\n")}),
             Catch::StartsWith("tls_error: tcp/10.0.0.1:25: STARTTLS over smtp: "));
  CHECK_THAT(ending(25, {hello, ScriptStep::end()}), Catch::StartsWith("eof: tcp/10.0.0.1:25: STARTTLS over smtp: "));
  CHECK_THAT(ending(25, {hello, ehlo, ScriptStep::say("250 STARTTLS\r\n"), ScriptStep::expect("STARTTLS"),
                         ScriptStep::say("220 go\r\n250 injected\r\n"), ScriptStep::tls(session())}),
             Catch::StartsWith("protocol_error: tcp/10.0.0.1:25: ") && Catch::Contains("CVE-2011-0411"));
}

TEST_CASE("the timeout is that of connect, STARTTLS and handshake together") {
  Probing probing;
  probing.peer(25, {ScriptStep::say("220 mail\r\n", 2s), ScriptStep::hang()});
  const Answer answer = probing.ask("tls", 25, {{"timeout", 3}});
  CHECK(probing.reason(answer) == Reason::timeout);
  CHECK(answer.observation->elapsed == 3s);
  Probing late;
  late.peer(443, {ScriptStep::tls(session(), 4s)});
  CHECK(late.reason(late.ask("tls", 443, {{"timeout", 3}})) == Reason::timeout);
}

TEST_CASE("wrong options of tls are the rule's mistake") {
  const auto mistake = [](Value::Object options) { return ending(443, {}, std::move(options)); };
  CHECK(mistake({{"trust", "mine"}}) == "rule_error: tls: option `trust` must be \"system\" or \"none\"");
  CHECK_THAT(mistake({{"starttls", "gopher"}}),
             Catch::StartsWith("rule_error: tls: option `starttls` must be one of smtp"));
  CHECK(mistake({{"alpn", 1}}) == "rule_error: tls: option `alpn` must be a string or a list of strings");
  CHECK(mistake({{"alpn", Value::Array{1}}}) == "rule_error: tls: option `alpn` must be a string or a list of strings");
  CHECK(mistake({{"servername", "x"}}) == "rule_error: tls: no option `servername`; did you mean `server_name`?");
}

TEST_CASE("a trust without a certificate is a mistake of the call, and nothing is sent") {
  const std::string begun = "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n";
  for (const auto& [pem, why] : {std::pair{std::string(), "there is none in it"},
                                 {std::string("no PEM"), "there is none in it"},
                                 {begun, "certificate 1 of the given PEM text cannot be read"}}) {
    Probing probing;
    probing.peer(443, {ScriptStep::tls(session())});
    const Answer answer = probing.ask("tls", 443, {{"trust_pem", pem}});
    CHECK(probing.reason(answer) == Reason::rule_error);
    CHECK_THAT(answer.outcome.error().message, Catch::StartsWith("tls: option `trust_pem`: ") && Catch::EndsWith(why));
    CHECK(probing.world.sent().empty());
  }
}

TEST_CASE("bytes that a server slipped in before the handshake are an error, not its first words within") {
  Probing probing;
  probing.peer(25, {ScriptStep::say("220 go\r\n250 injected\r\n"), ScriptStep::tls(session())});
  std::string seen;
  Context context(probing.target, probing.deadline);
  auto task = [&]() -> awaitable<void> {
    const ConnectOptions connecting(1s);
    std::string word = "connect";
    auto talk = co_await connect(context, tcp("10.0.0.1", 25), connecting, std::move(word));
    REQUIRE(talk);
    const Result<std::string> line = co_await (*talk)->read_line(100, 1s);
    CHECK(line);
    TlsSettings settings;
    const Result<TlsSession> begun = co_await (*talk)->start_tls(std::move(settings), 1s);
    REQUIRE_FALSE(begun);
    seen = std::string(name_of(begun.error().reason)) + ": " + begun.error().message;
    CHECK((*talk)->observation()->reason == Reason::protocol_error);
  };
  play(probing.world, task);
  CHECK(seen ==
        "protocol_error: tcp/10.0.0.1:25: the server said 14 bytes more in clear before the TLS handshake "
        "(CVE-2011-0411): \"250 injected\\r\\n\"");
  CHECK(probing.world.handshakes().empty());
}
