#include "proto/tls_survey.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "proto/tls_names.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

constexpr std::uint16_t ecdhe_rsa = 0xc02f;
constexpr std::uint16_t ecdhe_ecdsa = 0xc02b;
constexpr std::uint16_t dhe_rsa = 0x009e;
constexpr std::uint16_t plain_rsa = 0x002f;

bool has(const std::vector<std::uint16_t>& codes, std::uint16_t code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// A server made of rules; counts its connections.
struct Server {
  std::map<std::uint16_t, std::vector<std::uint16_t>> ciphers;  // by version, in its order
  std::vector<std::uint16_t> groups{29, 23};
  bool own_order = true;
  bool compresses = false;
  bool answers_lower = false;  // a version it does not speak is answered with the next lower
  bool wants_share = false;
  bool knows_fallback = true;
  std::function<std::optional<TlsReply>(const TlsQuestion&, std::size_t)> first;  // may answer in its place
  std::size_t connections = 0;

  TlsReply answer(const TlsQuestion& question) {
    ++connections;
    if (first)
      if (std::optional<TlsReply> reply = first(question, connections)) return *reply;
    const ClientHello& hello = question.hello;
    std::uint16_t version = hello.supported_versions.empty() ? hello.version : hello.supported_versions[0];
    while (answers_lower && version > tls::ssl3 && !ciphers.contains(version)) --version;
    if (!ciphers.contains(version)) return alert(70);
    if (wants_share && version == tls::v1_3 && hello.key_shares->empty()) return alert(47);
    if (knows_fallback && has(hello.ciphers, fallback_scsv) && version < ciphers.rbegin()->first) return alert(86);
    TlsReply reply;
    reply.kind = TlsReply::Kind::hello;
    reply.hello.version = version;
    const std::vector<std::uint16_t>& own = ciphers.at(version);
    reply.hello.cipher = own_order ? first_of(own, hello.ciphers) : first_of(hello.ciphers, own);
    if (reply.hello.cipher == 0) return alert(40);
    const KeyExchange::Kind kind = key_exchange_of(reply.hello.cipher).kind;
    if (version == tls::v1_3 || kind == KeyExchange::Kind::ecdhe) {
      const std::uint16_t group = own_order ? first_of(groups, hello.groups) : first_of(hello.groups, groups);
      if (group == 0) return alert(40);
      if (version == tls::v1_3 || question.until == ServerFlightReader::Until::key_exchange) reply.hello.group = group;
    }
    if (kind == KeyExchange::Kind::dhe && question.until == ServerFlightReader::Until::key_exchange)
      reply.hello.dh_bits = 1024;
    reply.hello.compression = compresses ? hello.compressions[0] : std::uint8_t{0};
    reply.hello.renegotiation_info = hello.extensions || has(hello.ciphers, renegotiation_scsv);
    reply.hello.extended_master_secret = hello.extensions && version < tls::v1_3;
    return reply;
  }

  static TlsReply alert(std::uint8_t description) {
    TlsReply reply;
    reply.kind = TlsReply::Kind::alert;
    reply.alert = TlsAlert{2, description};
    return reply;
  }
  static TlsReply broken(Reason reason) {
    TlsReply reply;
    reply.error = Error(reason, "broke off");
    return reply;
  }
  static std::uint16_t first_of(const std::vector<std::uint16_t>& preferred, const std::vector<std::uint16_t>& known) {
    for (const std::uint16_t code : preferred)
      if (has(known, code)) return code;
    return 0;
  }
};

std::string codes(const std::vector<std::uint16_t>& list, std::string (*name)(std::uint16_t)) {
  std::string out;
  for (const std::uint16_t code : list) out += (out.empty() ? "" : " ") + name(code);
  return out;
}

struct Outcome {
  TlsSeen seen;
  std::optional<Error> error;
  std::size_t connections = 0;

  [[nodiscard]] const TlsVersionSeen& of(std::uint16_t version) const {
    return *std::find_if(seen.versions.begin(), seen.versions.end(),
                         [version](const TlsVersionSeen& one) { return one.version == version; });
  }
};

Outcome survey(Server& server) {
  TlsSurvey survey("host.example");
  Outcome outcome;
  while (const std::optional<TlsQuestion> question = survey.next()) {
    REQUIRE(server.connections < 5'000);
    if (const Result<void> taken = survey.take(server.answer(*question)); !taken) {
      outcome.error = taken.error();
      break;
    }
  }
  outcome.seen = survey.seen();
  outcome.connections = server.connections;
  return outcome;
}

}  // namespace

TEST_CASE("suites are found in the server's order, a connection each and one for the refusal") {
  Server server;
  server.ciphers[tls::v1_2] = {plain_rsa, 0x0035, 0x000a};
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  CHECK(outcome.of(tls::v1_2).ciphers == server.ciphers[tls::v1_2]);
  CHECK(outcome.of(tls::v1_2).server_order == true);
  CHECK(outcome.of(tls::v1_2).complete);
  CHECK(outcome.of(tls::v1_2).renegotiation_info);
  CHECK(outcome.of(tls::v1_3).refusal == "protocol_version");
  CHECK(outcome.of(tls::ssl3).ciphers.empty());
  CHECK(outcome.connections == 4 + 3 + 1 + 1);  // the other versions, the suites, their refusal, the order
  CHECK_FALSE(outcome.seen.fallback_scsv);
}

TEST_CASE("a server without an order of its own is told from one that has one") {
  Server server;
  server.ciphers[tls::v1_2] = {0x0035, plain_rsa};
  server.own_order = false;
  const Outcome outcome = survey(server);
  CHECK(outcome.of(tls::v1_2).ciphers == std::vector<std::uint16_t>{plain_rsa, 0x0035});
  CHECK(outcome.of(tls::v1_2).server_order == false);
  server.ciphers[tls::v1_2] = {0x0035};
  CHECK_FALSE(survey(server).of(tls::v1_2).server_order);
}

TEST_CASE("groups are found in the server's order, of TLS 1.3 and of the newest before it") {
  Server server;
  server.ciphers[tls::v1_3] = {0x1302};
  server.ciphers[tls::v1_2] = {ecdhe_rsa};
  server.ciphers[tls::v1_0] = {0xc013};
  server.groups = {24, 29, 23};
  const Outcome outcome = survey(server);
  CHECK(codes(outcome.seen.groups13, group_name) == "secp384r1 x25519 secp256r1");
  CHECK(codes(outcome.seen.groups12, group_name) == "secp384r1 x25519 secp256r1");
  CHECK(outcome.seen.groups12_version == tls::v1_2);
  CHECK(outcome.seen.fallback_scsv == true);
}

TEST_CASE("suites that need no ECDSA certificate are asked for groups, where there are such") {
  Server server;
  server.ciphers[tls::v1_2] = {ecdhe_ecdsa, ecdhe_rsa};
  bool ecdsa_asked = false;
  server.first = [&](const TlsQuestion& question, std::size_t) -> std::optional<TlsReply> {
    if (question.until == ServerFlightReader::Until::key_exchange && has(question.hello.ciphers, ecdhe_ecdsa))
      ecdsa_asked = true;
    return std::nullopt;
  };
  CHECK(codes(survey(server).seen.groups12, group_name) == "x25519 secp256r1");
  CHECK_FALSE(ecdsa_asked);
  server.ciphers[tls::v1_2] = {ecdhe_ecdsa};
  CHECK(codes(survey(server).seen.groups12, group_name) == "x25519 secp256r1");
  CHECK(ecdsa_asked);
}

TEST_CASE("the prime of DHE, compression and a missing fallback protection are seen") {
  Server server;
  server.ciphers[tls::v1_2] = {plain_rsa};
  server.ciphers[tls::v1_0] = {dhe_rsa};
  server.compresses = true;
  server.knows_fallback = false;
  const Outcome outcome = survey(server);
  CHECK(outcome.seen.dh_bits == 1024);
  CHECK(outcome.of(tls::v1_2).compression);
  CHECK(outcome.seen.fallback_scsv == false);
  CHECK(outcome.of(tls::v1_0).extended_master_secret);
}

TEST_CASE("a version answered with a lower one is not spoken") {
  Server server;
  server.ciphers[tls::v1_0] = {plain_rsa};
  server.answers_lower = true;
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  CHECK(outcome.of(tls::v1_2).ciphers.empty());
  CHECK(outcome.of(tls::v1_2).refusal == "answers TLSv1");
  CHECK(outcome.of(tls::v1_0).ciphers == std::vector<std::uint16_t>{plain_rsa});
}

TEST_CASE("a server that does not like an empty list of key shares is given one") {
  Server server;
  server.ciphers[tls::v1_3] = {0x1301, 0x1303};
  server.wants_share = true;
  server.groups = {29};
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  CHECK(codes(outcome.of(tls::v1_3).ciphers, cipher_name) == "TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256");
}

TEST_CASE("a close is a refusal only where it comes twice and the server still answers") {
  Server server;
  server.ciphers[tls::v1_2] = {plain_rsa, 0x0035};
  const auto closes = [&](const TlsQuestion& question, std::size_t) -> std::optional<TlsReply> {
    const bool mine = question.hello.version == tls::v1_2 && question.hello.supported_versions.empty() &&
                      (has(question.hello.ciphers, plain_rsa) || has(question.hello.ciphers, 0x0035));
    if (mine) return std::nullopt;
    return Server::broken(Reason::eof);
  };
  server.first = closes;
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  CHECK(outcome.of(tls::v1_2).ciphers.size() == 2);
  CHECK(outcome.of(tls::v1_2).complete);
  CHECK(outcome.of(tls::v1_3).refusal == "closed");
  CHECK(outcome.of(tls::ssl3).refusal == "closed");
}

TEST_CASE("a server that goes away in the middle is an error, and never looks complete") {
  for (std::size_t stage = 1; stage <= 14; ++stage) {
    Server server;
    server.ciphers[tls::v1_3] = {0x1301, 0x1302};
    server.ciphers[tls::v1_2] = {ecdhe_rsa, dhe_rsa};
    server.first = [stage](const TlsQuestion&, std::size_t connection) -> std::optional<TlsReply> {
      if (connection < stage) return std::nullopt;
      return Server::broken(Reason::reset);
    };
    const Outcome outcome = survey(server);
    INFO(stage);
    REQUIRE(outcome.error);
    CHECK(outcome.error->reason == Reason::reset);
    if (stage <= 3) CHECK_FALSE(outcome.of(tls::v1_3).complete);
  }
}

TEST_CASE("a server that broke off once and goes on is asked again, and nothing is lost") {
  for (std::size_t stage = 1; stage <= 14; ++stage) {
    Server server;
    server.ciphers[tls::v1_3] = {0x1301, 0x1302};
    server.ciphers[tls::v1_2] = {ecdhe_rsa, dhe_rsa};
    server.first = [stage](const TlsQuestion&, std::size_t connection) -> std::optional<TlsReply> {
      if (connection != stage) return std::nullopt;
      return Server::broken(Reason::eof);
    };
    const Outcome outcome = survey(server);
    INFO(stage);
    CHECK_FALSE(outcome.error);
    CHECK(outcome.of(tls::v1_3).ciphers.size() == 2);
    CHECK(outcome.of(tls::v1_2).ciphers.size() == 2);
    CHECK(outcome.seen.groups13.size() == 2);
    CHECK(outcome.seen.dh_bits == 1024);
  }
}

TEST_CASE("an alert that speaks of something else is in doubt like a close") {
  Server server;
  server.first = [](const TlsQuestion&, std::size_t) -> std::optional<TlsReply> { return Server::alert(80); };
  const Outcome outcome = survey(server);
  REQUIRE(outcome.error);
  CHECK(outcome.error->reason == Reason::tls_error);
  CHECK(outcome.error->message == "the server broke off with the alert internal_error");
}

TEST_CASE("a server that takes what it was not offered is a protocol_error, and does not go on for ever") {
  Server server;
  server.first = [](const TlsQuestion& question, std::size_t) -> std::optional<TlsReply> {
    TlsReply reply;
    reply.kind = TlsReply::Kind::hello;
    reply.hello.version = question.hello.supported_versions.empty() ? tls::v1_2 : tls::v1_3;
    reply.hello.cipher = 0x1301;
    return reply;
  };
  const Outcome outcome = survey(server);
  REQUIRE(outcome.error);
  CHECK(outcome.error->reason == Reason::protocol_error);
  CHECK(outcome.error->message ==
        "the server chose TLSv1.3 with TLS_AES_128_GCM_SHA256, which it was not offered (TLSv1.3, 1 suite seen)");
}

TEST_CASE("a server that takes everything is asked to the end") {
  Server server;
  for (std::uint16_t version = tls::ssl3; version <= tls::v1_3; ++version)
    for (const NamedCode& suite : cipher_suites())
      if (suite.code != 0 && !is_signalling(suite.code) && is_tls13_cipher(suite.code) == (version == tls::v1_3))
        server.ciphers[version].push_back(suite.code);
  server.groups.clear();
  for (const NamedCode& group : named_groups()) server.groups.push_back(group.code);
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  for (const auto& [version, ciphers] : server.ciphers) CHECK((outcome.of(version).ciphers == ciphers));
  CHECK(outcome.seen.groups13.size() == named_groups().size());
  CHECK(outcome.connections < 2'000);
}

TEST_CASE("a group that was not offered is said, and ends the search") {
  Server server;
  server.ciphers[tls::v1_2] = {ecdhe_rsa};
  server.first = [](const TlsQuestion& question, std::size_t) -> std::optional<TlsReply> {
    if (question.until != ServerFlightReader::Until::key_exchange) return std::nullopt;
    TlsReply reply;
    reply.kind = TlsReply::Kind::hello;
    reply.hello.version = tls::v1_2;
    reply.hello.cipher = ecdhe_rsa;
    reply.hello.group = 23;
    return reply;
  };
  const Outcome outcome = survey(server);
  CHECK_FALSE(outcome.error);
  CHECK(codes(outcome.seen.groups12, group_name) == "secp256r1");
  CHECK(outcome.seen.group_not_offered == 23);
}
