#include "net/tls_engine.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "playing.hpp"
#include "tls_peer.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

using Step = TlsEngine::Step;

const Identity& root() {
  static const Identity made = issue({"Lab Root", "", -86'400, 86'400, true});
  return made;
}
const Identity& leaf() {
  static const Identity made = issue({}, &root());
  return made;
}

std::unique_ptr<TlsEngine> engine_for(const TlsSettings& settings) {
  static TlsClient client;
  Result<std::unique_ptr<TlsEngine>> made = TlsEngine::make(client, settings, tcp("10.0.0.1", 443));
  REQUIRE(made);
  return std::move(*made);
}

/// Feeds `bytes` in pieces of `size`, 0 for all at once.
Step feed(TlsEngine& engine, std::string_view bytes, std::size_t size) {
  Step step = engine.handshake();
  while (!bytes.empty() && step == Step::need_more) {
    const std::string_view piece = size == 0 ? bytes : bytes.substr(0, size);
    engine.feed(piece);
    bytes.remove_prefix(piece.size());
    step = engine.handshake();
  }
  return step;
}

Step shake_hands(TlsEngine& engine, TlsPeer& peer, std::size_t size = 0) {
  Step step = engine.handshake();
  for (int turn = 0; turn < 8 && step == Step::need_more; ++turn) {
    peer.feed(engine.take_outgoing());
    step = feed(engine, peer.answer(), size);
  }
  peer.feed(engine.take_outgoing());
  engine.feed(peer.answer());  // session tickets
  return step;
}

TlsSettings trusting(std::string server_name = "web.lab.test") {
  return {std::move(server_name), TlsTrust(pem_of(root().certificate.get()))};
}

/// The session with a server of this certificate.
TlsSession session_with(const Identity& identity, const TlsSettings& settings,
                        const std::vector<const Identity*>& others = {}) {
  TlsPeer peer(identity, others);
  const auto engine = engine_for(settings);
  REQUIRE(shake_hands(*engine, peer) == Step::done);
  return engine->session();
}

/// What a handshake that begins with these bytes of the server fails with.
std::string failure_of(std::string_view bytes) {
  const auto engine = engine_for(TlsSettings());
  const Step step = feed(*engine, bytes, 0);
  if (step != Step::failed) return step == Step::done ? "done" : "need_more";
  CHECK(engine->error().reason == Reason::tls_error);
  return engine->error().message;
}

}  // namespace

TEST_CASE("a handshake shows version, cipher, group, ALPN and the chain as it was sent") {
  TlsPeer peer(leaf(), {&root()});
  TlsSettings settings = trusting();
  settings.alpn = {"h2", "http/1.1"};
  const auto engine = engine_for(settings);
  REQUIRE(shake_hands(*engine, peer) == Step::done);
  const TlsSession session = engine->session();
  CHECK(session.version == "TLSv1.3");
  CHECK(session.cipher == SSL_get_cipher_name(peer.connection()));
  CHECK(session.cipher_iana == session.cipher);
  CHECK(session.group == "x25519");
  CHECK(session.group_bits == 253);
  CHECK(session.signature == "ECDSA SHA256");
  CHECK(session.alpn == "h2");
  CHECK(session.chain == std::vector<std::string>{der_of(leaf().certificate.get()), der_of(root().certificate.get())});
  CHECK(session.checked);
  CHECK(session.verified);
  CHECK(session.verify_reason.empty());
  CHECK(session.name_matches);
  CHECK_FALSE(session.secure_renegotiation);
  CHECK_FALSE(session.asks_certificate);
  CHECK(std::string(SSL_get_servername(peer.connection(), TLSEXT_NAMETYPE_host_name)) == "web.lab.test");
}

TEST_CASE("TLS 1.0 to 1.2 are spoken too, with the suites and groups of their time") {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    TlsPeer peer(leaf(), {&root()});
    SSL_CTX_set_max_proto_version(peer.context(), version);
    const auto engine = engine_for(trusting());
    REQUIRE(shake_hands(*engine, peer) == Step::done);
    const TlsSession session = engine->session();
    CHECK(session.version == SSL_get_version(peer.connection()));
    CHECK(session.cipher == SSL_get_cipher_name(peer.connection()));
    CHECK(session.cipher_iana.starts_with("TLS_ECDHE_ECDSA_WITH_AES_256_"));
    CHECK(session.group == "x25519");
    CHECK(session.chain.size() == 2);
    CHECK(session.verified);
    CHECK(session.secure_renegotiation == true);
    CHECK(session.extended_master_secret == true);
  }
}

TEST_CASE("the settings bound the version") {
  TlsPeer peer(leaf());
  TlsSettings settings;
  settings.most = TlsVersion::tls1_2;
  const auto engine = engine_for(settings);
  REQUIRE(shake_hands(*engine, peer) == Step::done);
  CHECK(engine->session().version == "TLSv1.2");
  TlsPeer old(leaf());
  SSL_CTX_set_max_proto_version(old.context(), TLS1_2_VERSION);
  settings.most = TlsVersion::any;
  settings.least = TlsVersion::tls1_3;
  const auto modern = engine_for(settings);
  REQUIRE(shake_hands(*modern, old) == Step::failed);
  CHECK(modern->error().message ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"protocol version\" (70)");
}

TEST_CASE("an address is never sent as a server name, and is what the certificate is compared with") {
  for (const std::string name : {"", "10.0.0.1", "10.0.0.1."}) {
    TlsPeer peer(leaf());
    const auto engine = engine_for(trusting(name));
    REQUIRE(shake_hands(*engine, peer) == Step::done);
    CHECK(SSL_get_servername(peer.connection(), TLSEXT_NAMETYPE_host_name) == nullptr);
    CHECK(engine->session().name == "10.0.0.1");
    CHECK(engine->session().name_matches);
  }
  CHECK_FALSE(session_with(leaf(), trusting("10.0.0.2")).name_matches);
}

TEST_CASE("what is wrong with a certificate is a finding, in OpenSSL's words") {
  const auto why = [](const Wanted& wanted, const Identity* issuer) {
    return session_with(issue(wanted, issuer), trusting()).verify_reason;
  };
  CHECK(why({}, &root()) == "");
  CHECK(why({"web.lab.test", "", -7'200, -3'600}, &root()) == "certificate has expired");
  CHECK(why({"web.lab.test", "", 3'600, 7'200}, &root()) == "certificate is not yet valid");
  CHECK(why({}, nullptr) == "self-signed certificate");
  CHECK(why({"web.lab.test", "", -7'200, -3'600}, nullptr) == "self-signed certificate; certificate has expired");
  const Identity stranger = issue({"Other Root", "", -86'400, 86'400, true});
  CHECK(why({}, &stranger) == "unable to get local issuer certificate");
  const Identity between = issue({"Lab Issuing", "", -86'400, 86'400, true}, &root());
  const Identity below = issue({}, &between);
  CHECK(session_with(below, trusting(), {&between}).verified);
  CHECK_FALSE(session_with(below, trusting()).verified);
  const TlsSession unchecked = session_with(leaf(), TlsSettings());
  CHECK_FALSE(unchecked.checked);
  CHECK_FALSE(unchecked.verified);
}

TEST_CASE("a name matches by the alternative names alone, wildcards included") {
  const auto matches = [](const std::string& common, const std::string& alternative, const std::string& asked) {
    return session_with(issue({common, alternative}), TlsSettings(asked, TlsTrust())).name_matches;
  };
  CHECK(matches("x", "DNS:a.test,DNS:b.test", "b.test"));
  CHECK(matches("x", "DNS:*.test.example", "a.test.example"));
  CHECK_FALSE(matches("x", "DNS:*.test.example", "a.b.test.example"));
  CHECK_FALSE(matches("b.test", "", "b.test"));
  CHECK_FALSE(matches("b.test", "DNS:a.test", "b.test"));
}

TEST_CASE("a given trust that holds no certificate is the rule's mistake") {
  TlsClient client;
  for (const std::string& pem :
       {std::string(), std::string("no PEM"), pem_of(leaf().certificate.get()) + "-----BEGIN CERTIFICATE-----\nxx\n"}) {
    const TlsSettings settings("", TlsTrust(pem));
    const Result<std::unique_ptr<TlsEngine>> made = TlsEngine::make(client, settings, tcp("10.0.0.1", 443));
    REQUIRE_FALSE(made);
    CHECK(made.error().reason == Reason::rule_error);
  }
}

TEST_CASE("a handshake in pieces of any size comes to the same end") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t size : {1U, 2U, 3U, 5U, 64U, 1'000U}) {
      TlsPeer peer(leaf(), {&root()});
      SSL_CTX_set_max_proto_version(peer.context(), version);
      const auto engine = engine_for(trusting());
      REQUIRE(shake_hands(*engine, peer, size) == Step::done);
      CHECK(engine->session().verified);
      CHECK(engine->session().chain.size() == 2);
      CHECK(peer.established());
    }
  }
}

TEST_CASE("a server's flight split in two at every byte makes no difference") {
  std::size_t length = 1'000;
  for (std::size_t at = 0; at < length; ++at) {
    TlsPeer peer(leaf());
    const auto engine = engine_for(TlsSettings());
    REQUIRE(engine->handshake() == Step::need_more);
    peer.feed(engine->take_outgoing());
    const std::string flight = peer.answer();
    length = flight.size();  // not the same each time: a signature is a byte or two shorter now and then
    if (at >= length) break;
    engine->feed(std::string_view(flight).substr(0, at));
    const Step half = engine->handshake();
    if (half != Step::done) engine->feed(std::string_view(flight).substr(at));  // the rest may be session tickets
    REQUIRE(half != Step::failed);
    REQUIRE(engine->handshake() == Step::done);
    REQUIRE(engine->session().chain.size() == 1);
  }
  CHECK(length > 500);
}

TEST_CASE("a byte of a server's flight that is changed ends the handshake, or is one that nobody reads") {
  std::size_t length = 1'000;
  std::size_t done = 0;
  for (std::size_t at = 0; at < length; at += 3) {
    TlsPeer peer(leaf());
    const auto engine = engine_for(TlsSettings());
    REQUIRE(engine->handshake() == Step::need_more);
    peer.feed(engine->take_outgoing());
    std::string flight = peer.answer();
    length = flight.size();
    if (at >= length) break;  // this one is shorter than the one before
    flight[at] = static_cast<char>(flight[at] ^ 0x41);
    if (feed(*engine, flight, 0) == Step::done) ++done;
  }
  CHECK(done < 10);  // the low byte of a record's version, the content of change_cipher_spec
}

TEST_CASE("a certificate that is no X.509 ends the handshake, and is named by its place") {
  const auto der = der_of(leaf().certificate.get());
  const auto other = der_of(root().certificate.get());
  for (const std::size_t bad : {1U, 2U}) {
    const Identity& issuer = root();
    TlsPeer peer(leaf(), {&issuer});
    SSL_CTX_set_max_proto_version(peer.context(), TLS1_2_VERSION);  // where certificates go in clear
    const auto engine = engine_for(trusting());
    REQUIRE(engine->handshake() == Step::need_more);
    peer.feed(engine->take_outgoing());
    std::string flight = peer.answer();
    const std::size_t at = flight.find(bad == 1 ? der : other);
    REQUIRE(at != std::string::npos);
    flight[at] = '\x31';  // a SET, where a certificate is a SEQUENCE
    CHECK(feed(*engine, flight, 0) == Step::failed);
    CHECK(engine->error().reason == Reason::tls_error);
    CHECK(engine->error().message == "tcp/10.0.0.1:443: the TLS handshake failed: certificate " + std::to_string(bad) +
                                         " of the 2 that the server sent cannot be read as X.509 (wrong tag)");
    CHECK_FALSE(engine->take_outgoing().empty());  // the alert
    REQUIRE(engine->showed_unreadable());
    const TlsSession seen = engine->session();
    CHECK(seen.unfinished == engine->error().message);
    CHECK(seen.version == "TLSv1.2");
    CHECK(seen.cipher.starts_with("ECDHE-"));
    CHECK_FALSE(seen.verified);
    std::vector<std::string> sent{der, other};
    sent[bad - 1][0] = '\x31';
    CHECK(seen.chain == sent);
  }
}

TEST_CASE("an alert in mid-handshake is told in its own words") {
  const auto told = [](std::string_view bytes) { return failure_of(bytes); };
  CHECK(told({"\x15\x03\x03\x00\x02\x02\x28", 7}) ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"handshake failure\" (40)");
  CHECK(told({"\x15\x03\x01\x00\x02\x02\x70", 7}) ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"unrecognized name\" (112)");
  CHECK(told({"\x15\x03\x03\x00\x02\x02\x6d", 7}) ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"missing extension\" (109)");
  CHECK(told({"\x15\x03\x03\x00\x02\x02\x74", 7}) ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"certificate required\" (116)");
  TlsPeer peer(leaf());
  SSL_CTX_set_max_proto_version(peer.context(), TLS1_2_VERSION);
  const auto engine = engine_for(TlsSettings());
  REQUIRE(engine->handshake() == Step::need_more);
  peer.feed(engine->take_outgoing());
  const std::string flight = peer.answer();
  REQUIRE(feed(*engine, flight, 0) == Step::need_more);
  engine->feed(std::string_view("\x15\x03\x03\x00\x02\x02\x50", 7));
  REQUIRE(engine->handshake() == Step::failed);
  CHECK(engine->error().message ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server sent the alert \"internal error\" (80)");
}

TEST_CASE("records of wrong length and strange kinds fail") {
  CHECK_THAT(failure_of({"\x16\x03\x03\xff\xff\x02\x00\x00", 8}), Catch::Contains("the TLS handshake failed: "));
  std::string empty;
  for (int i = 0; i < 40; ++i) empty += std::string("\x16\x03\x03\x00\x00", 5);
  CHECK_THAT(failure_of(empty), Catch::Contains("the TLS handshake failed: "));
  CHECK_THAT(failure_of({"\x17\x03\x03\x00\x01x", 6}), Catch::Contains("the TLS handshake failed: "));
  CHECK_THAT(failure_of({"\x16\x03\x03\x00\x04\x02\x00\x00\x00", 9}), Catch::Contains("the TLS handshake failed: "));
  CHECK_THAT(failure_of({"\x16\x03\x03\x00\x04\x63\x00\x00\x00", 9}), Catch::Contains("unexpected message"));
  CHECK(failure_of({"\x16\x03\x03\x00\x05\x02\x00\x00", 8}) == "need_more");
}

TEST_CASE("plain text in place of TLS is quoted, made safe") {
  CHECK(failure_of("220 mail.lab.test ESMTP\r\nmore") ==
        "tcp/10.0.0.1:443: the TLS handshake failed: the server does not answer in TLS; it says \"220 mail.lab.test "
        "ESMTP\\r\"");
  CHECK_THAT(failure_of("HTTP/1.1 400 Bad Request\r\n"), Catch::Contains("it says \"HTTP/1.1 400 Bad Request\\r\""));
  CHECK_THAT(failure_of("\x1b[31mred\n"), Catch::Contains("it says \"\\x1b[31mred\""));
}

TEST_CASE("a chain of 16 MB is cut before it is read") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Identity heavy = issue({"heavy", "", -86'400, 86'400, true, 60'000});
    const std::vector<const Identity*> many(270, &heavy);
    TlsPeer peer(leaf(), many);
    SSL_CTX_set_max_proto_version(peer.context(), version);
    const auto engine = engine_for(trusting());
    REQUIRE(engine->handshake() == Step::need_more);
    peer.feed(engine->take_outgoing());
    std::string flight = peer.answer();
    REQUIRE(flight.size() > 16'000'000);
    std::size_t fed = 0;
    Step step = Step::need_more;
    for (; step == Step::need_more && fed < flight.size(); fed += 16'384)
      step = feed(*engine, flight.substr(fed, 16'384), 0);
    CHECK(step == Step::failed);
    CHECK(fed <= 600U << 10U);
    CHECK(engine->error().reason == Reason::tls_error);
  }
}

TEST_CASE("a handshake that never comes to its end is cut") {
  std::string requests;  // HelloRequest, which a client in its handshake passes over (RFC 5246 7.4.1.1)
  for (int i = 0; i < 4'000; ++i) requests += std::string("\x00\x00\x00\x00", 4);
  std::string record("\x16\x03\x03", 3);
  record += static_cast<char>(requests.size() >> 8U);
  record += static_cast<char>(requests.size() & 0xffU);
  record += requests;
  const auto engine = engine_for(TlsSettings());
  Step step = Step::need_more;
  std::size_t fed = 0;
  for (; step == Step::need_more && fed < 64U << 20U; fed += record.size()) step = feed(*engine, record, 0);
  CHECK(step == Step::failed);
  CHECK(fed <= 600U << 10U);
  CHECK_THAT(engine->error().message, Catch::Contains("not done after 524288 bytes"));
}

TEST_CASE("plain text goes both ways after the handshake, and the end is told from a cut") {
  TlsPeer peer(leaf());
  const auto engine = engine_for(TlsSettings());
  REQUIRE(shake_hands(*engine, peer) == Step::done);
  REQUIRE(engine->write("over there"));
  peer.feed(engine->take_outgoing());
  static_cast<void>(peer.answer());
  CHECK(peer.heard() == "over there");
  std::array<char, 64> buffer{};
  CHECK(engine->read(buffer).value() == 0);  // the session tickets (RFC 8446 4.6.1) came with the handshake
  CHECK_FALSE(engine->holds_bytes());
  peer.say("and back");
  std::string bytes = peer.answer();
  for (const char byte : bytes.substr(0, bytes.size() - 1)) {
    engine->feed(std::string_view(&byte, 1));
    const Result<std::size_t> got = engine->read(buffer);
    REQUIRE(got);
    REQUIRE(*got == 0);
  }
  engine->feed(std::string_view(bytes).substr(bytes.size() - 1));
  CHECK(engine->holds_bytes());
  Result<std::size_t> got = engine->read(buffer);
  REQUIRE(got);
  CHECK(std::string_view(buffer.data(), *got) == "and back");
  CHECK_FALSE(engine->holds_bytes());
  peer.close_notify();
  engine->feed(peer.answer());
  got = engine->read(buffer);
  REQUIRE_FALSE(got);
  CHECK(got.error().reason == Reason::eof);
  engine->end();
  peer.feed(engine->take_outgoing());
  static_cast<void>(peer.answer());
  CHECK(peer.ended());
}

TEST_CASE("a forged record after the handshake is an error, not data") {
  TlsPeer peer(leaf());
  const auto engine = engine_for(TlsSettings());
  REQUIRE(shake_hands(*engine, peer) == Step::done);
  std::array<char, 64> buffer{};
  peer.say("hello");
  std::string bytes = peer.answer();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  engine->feed(bytes);
  const Result<std::size_t> got = engine->read(buffer);
  REQUIRE_FALSE(got);
  CHECK(got.error().reason == Reason::tls_error);
}
