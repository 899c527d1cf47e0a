#include <algorithm>

#include "base/text.hpp"
#include "fates.hpp"
#include "probing.hpp"
#include "proto/wire.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

/// `tls_accepts` of a server that answers every hello it could use with a HelloRetryRequest (RFC 8446 4.1.4), and that is
/// cut in one of the answers; of one that is cut in a ServerHello in cut_test.cpp.
namespace {

constexpr std::uint16_t tls13 = 0x0304;
constexpr std::uint16_t supported_groups = 10;
constexpr std::uint16_t supported_versions = 43;
constexpr std::uint16_t key_share = 51;

std::string big16(std::size_t number) {
  std::string bytes;
  proto::put16(bytes, static_cast<std::uint16_t>(number));
  return bytes;
}

/// The 16-bit codes that a list of `size` bytes holds.
std::vector<std::uint16_t> codes(std::string_view list) {
  std::vector<std::uint16_t> all;
  for (std::size_t at = 0; at + 1 < list.size(); at += 2) all.push_back(proto::get16(list, at));
  return all;
}

/// What a ClientHello of the engine offers.
struct Offered {
  explicit Offered(std::string_view hello) {
    std::size_t at = 5 + 4 + 2 + 32;  // record, message, version, random
    at += 1 + static_cast<unsigned char>(hello[at]);
    suites = codes(hello.substr(at + 2, proto::get16(hello, at)));
    at += 2 + proto::get16(hello, at);
    at += 1 + static_cast<unsigned char>(hello[at]);
    for (at += 2; at + 4 <= hello.size(); at += 4 + proto::get16(hello, at + 2)) {
      const std::string_view body = hello.substr(at + 4, proto::get16(hello, at + 2));
      if (proto::get16(hello, at) == supported_groups) groups = codes(body.substr(2));
      if (proto::get16(hello, at) == supported_versions) versions = codes(body.substr(1));
    }
  }
  std::vector<std::uint16_t> suites;
  std::vector<std::uint16_t> groups;
  std::vector<std::uint16_t> versions;
};

/// The first of ours that is offered.
std::optional<std::uint16_t> agreed(std::initializer_list<std::uint16_t> ours,
                                    const std::vector<std::uint16_t>& theirs) {
  for (const std::uint16_t code : ours)
    if (std::find(theirs.begin(), theirs.end(), code) != theirs.end()) return code;
  return std::nullopt;
}

std::string alert(char description) { return std::string("\x15\x03\x03\x00\x02\x02", 6) + description; }

/// Two suites and two groups of TLS 1.3, and nothing older.
std::optional<std::string> answer_to(std::string_view heard) {
  if (heard.size() < 5 || heard.size() < 5U + proto::get16(heard, 3)) return std::nullopt;
  const Offered offered(heard);
  if (!agreed({tls13}, offered.versions)) return alert(70);  // protocol_version
  const auto suite = agreed({0x1302, 0x1301}, offered.suites);
  const auto group = agreed({0x0018, 0x001d}, offered.groups);
  if (!suite || !group) return alert(40);  // handshake_failure
  std::string random;
  REQUIRE(from_hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", random));
  const std::string extensions =
      big16(supported_versions) + big16(2) + big16(tls13) + big16(key_share) + big16(2) + big16(*group);
  const std::string body = big16(0x0303) + random + std::string(1, '\0') + big16(*suite) + std::string(1, '\0') +
                           big16(extensions.size()) + extensions;
  const std::string message = std::string("\x02\x00", 2) + big16(body.size()) + body;
  return big16(0x1603) + std::string(1, '\x03') + big16(message.size()) + message;
}

std::vector<ScriptStep> saying(std::size_t most, Fate fate) {
  std::vector<ScriptStep> steps;
  const auto part = [most](std::string_view heard) {
    std::optional<std::string> whole = answer_to(heard);
    if (whole) whole->resize(std::min(most, whole->size()));
    return whole;
  };
  if (most > 0) steps.push_back(ScriptStep::answer(part));
  steps.push_back(step_of(fate));
  return steps;
}

constexpr std::size_t whole = 1'000;

/// Asks a server whose connections are answered in full, but for the `number`-th, or all from there on.
Answer survey(Probing& probing, std::size_t number, std::size_t said, Fate fate, bool for_ever) {
  std::deque<std::vector<ScriptStep>> meet(number, saying(whole, Fate::hang));
  meet.push_back(saying(said, fate));
  if (!for_ever) meet.push_back(saying(whole, Fate::hang));
  ScriptedPort server;
  server.steps = std::move(meet.front());
  meet.pop_front();
  server.later = std::move(meet);
  probing.world.port(tcp("10.0.0.1", 443), std::move(server));
  return probing.ask("tls_accepts", 443);
}

Value::Object without_count(Value::Object fields) {
  fields.erase("connections");
  return fields;
}

}  // namespace

TEST_CASE("a survey whose every answer is a HelloRetryRequest tells suites, their order and groups") {
  Probing probing;
  const Answer answer = survey(probing, 100, whole, Fate::hang, true);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("versions") == Value(Value::Array{Value("TLSv1.3")}));
  CHECK(*answer.fields.at("ciphers").find("TLSv1.3") ==
        Value(Value::Array{Value("TLS_AES_256_GCM_SHA384"), Value("TLS_AES_128_GCM_SHA256")}));
  CHECK(*answer.fields.at("server_order").find("TLSv1.3") == Value(true));
  CHECK(*answer.fields.at("groups").find("TLSv1.3") == Value(Value::Array{Value("secp384r1"), Value("x25519")}));
  CHECK(answer.fields.at("complete") == Value(true));
}

TEST_CASE("a HelloRetryRequest that is cut at any byte of any connection is never taken for a complete answer") {
  Probing uncut;
  const Answer full = survey(uncut, 100, whole, Fate::hang, true);
  const auto connections = static_cast<std::size_t>(number(full.fields, "connections"));
  std::vector<std::size_t> sizes;
  for (const auto& said : uncut.world.said())
    if (said.what == ScriptedWorld::Said::What::received) sizes.push_back(said.bytes.size());
  REQUIRE(sizes.size() == connections);
  REQUIRE(connections > 8);
  for (std::size_t at = 0; at < connections; ++at) {
    for (const Fate fate : fates) {
      for (std::size_t said = 0; said < sizes[at]; ++said) {
        INFO("connection " << at << " behind byte " << said << " " << name_of(reason_of(fate)));
        for (const bool for_ever : {false, true}) {
          Probing probing;
          const Answer answer = survey(probing, at, said, fate, for_ever);
          REQUIRE(probing.world.now() - Instant(1h) < 60s);
          const bool asked_again = said == 0 && fate != Fate::hang && !for_ever;
          REQUIRE(answer.outcome.ok() == asked_again);
          if (asked_again) {
            REQUIRE(without_count(answer.fields) == without_count(full.fields));
            continue;
          }
          REQUIRE(probing.reason(answer) == reason_of(fate));
          REQUIRE(answer.observation->reason == reason_of(fate));
          const auto& kept = *answer.observation->fields.get_if<Value::Object>();
          REQUIRE(kept.at("complete") == Value(false));
        }
      }
    }
  }
}
