#include "../net/dns_answers.hpp"
#include "../proto/dns_builder.hpp"
#include "fates.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

/// Silence, an end or a reset behind any byte of what a server says; of SSH in ssh_hostile_test.cpp, of a TLS handshake in
/// net/tls_pump_test.cpp, of a HelloRetryRequest in retry_request_test.cpp.
namespace {

struct Turn {
  std::string heard;  // waited for; "" where the server speaks first
  std::string said;
};

std::size_t size_of(const std::vector<Turn>& turns) {
  std::size_t size = 0;
  for (const Turn& turn : turns) size += turn.said.size();
  return size;
}

/// Says the first `left` bytes of its turns, and then this happens.
std::vector<ScriptStep> cut_after(const std::vector<Turn>& turns, std::size_t left, Fate fate) {
  std::vector<ScriptStep> steps;
  for (const Turn& turn : turns) {
    if (!turn.heard.empty()) steps.push_back(ScriptStep::expect(turn.heard));
    const std::size_t size = std::min(left, turn.said.size());
    if (size > 0) steps.push_back(ScriptStep::say(turn.said.substr(0, size)));
    left -= size;
    if (size < turn.said.size()) break;
  }
  steps.push_back(step_of(fate));
  return steps;
}

/// Asks a word of a server that is cut behind each byte that `up_to` counts, for each fate; "" where every outcome is that fate, in
/// time and with the endpoint named, else the first that is not.
template <class Steps>
std::string differing_cut(std::string_view word, std::uint16_t port, const Value::Object& options, std::size_t up_to,
                          Steps steps) {
  for (const Fate fate : fates) {
    for (std::size_t said = 0; said <= up_to; ++said) {
      Probing probing;
      probing.subject = "host.example";
      probing.peer(port, steps(said, fate));
      const Answer answer = probing.ask(word, port, options);
      const std::string at = "behind byte " + std::to_string(said) + " " + std::string(name_of(reason_of(fate))) + ": ";
      if (answer.outcome) return at + "an answer";
      if (answer.outcome.error().reason != reason_of(fate)) return at + answer.outcome.error().message;
      if (answer.outcome.error().message.find("10.0.0.1:" + std::to_string(port)) == std::string::npos)
        return at + "does not name the peer: " + answer.outcome.error().message;
      if (probing.world.now() - Instant(1h) > 40s) return at + "takes too long";
      if (answer.observation->reason != reason_of(fate)) return at + "is recorded as something else";
    }
  }
  return "";
}

std::string differing_starttls(std::uint16_t port, const std::vector<Turn>& turns) {
  return differing_cut("tls", port, {}, size_of(turns),
                       [&](std::size_t said, Fate fate) { return cut_after(turns, said, fate); });
}

std::string framed(const std::string& message) { return big16(static_cast<std::uint16_t>(message.size())) + message; }

/// Gives `message(query)`, framed, up to so many bytes.
template <class Message>
std::vector<ScriptStep> tcp_server(Message message, std::size_t said, Fate fate) {
  std::vector<ScriptStep> steps;
  const auto reply = [message, said](std::string_view heard) -> std::optional<std::string> {
    if (heard.size() < 14) return std::nullopt;
    return framed(message(heard.substr(2))).substr(0, said);
  };
  if (said > 0) steps.push_back(ScriptStep::answer(reply));
  steps.push_back(step_of(fate));
  return steps;
}

std::string zone_of(std::string_view query) {
  std::string soa = wire_name("ns.") + wire_name("hostmaster.") + std::string(20, '\1');
  DnsBuilder zone;
  zone.id = proto::get16(query, 0);
  zone.question = wire_name("host.example.") + big16(252) + big16(1);
  return zone.answer(6, soa).answer(1, "abcd").answer(6, soa).bytes();
}

}  // namespace

TEST_CASE("silence, an end or a reset behind any byte of a STARTTLS conversation is said") {
  using namespace std::string_literals;
  CHECK(differing_starttls(
            25, {{"", "220 mx ESMTP\r\n"}, {"EHLO", "250-mx\r\n250 STARTTLS\r\n"}, {"STARTTLS\r\n", "220 go\r\n"}}) ==
        "");
  CHECK(differing_starttls(143, {{"", "* OK ready\r\n"}, {"STARTTLS\r\n", "* 1 EXISTS\r\na1 OK go\r\n"}}) == "");
  CHECK(differing_starttls(110, {{"", "+OK ready\r\n"}, {"STLS\r\n", "+OK go\r\n"}}) == "");
  CHECK(differing_starttls(21, {{"", "220-hi\r\n220 ready\r\n"}, {"AUTH TLS\r\n", "234 go\r\n"}}) == "");
  CHECK(differing_starttls(389, {{"1466.20037", "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s}}) == "");
  CHECK(differing_starttls(5432, {{"\x04\xd2\x16\x2f", "S"}}) == "");
  const std::string greeting =
      "\x0a"
      "8.0.36\0\1\0\0\0"
      "12345678\0\xff\xff"s +
      std::string(30, 'x');
  CHECK(differing_starttls(3306, {{"", std::string(1, static_cast<char>(greeting.size())) + "\0\0\0"s + greeting}}) ==
        "");
  const std::string features = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";
  CHECK(differing_starttls(5222, {{"<stream:stream", "<?xml version='1.0'?><stream:stream id='a'>" + features},
                                  {"<starttls", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"}}) == "");
}

TEST_CASE("silence, an end or a reset behind any byte of a web server's answer is said") {
  const std::vector<std::string> answers = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                                            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                                            "chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"};
  for (const std::string& whole : answers) {
    const std::vector<Turn> turns{{"GET / ", whole}};
    CHECK(differing_cut("http", 80, {}, whole.size() - 1,
                        [&](std::size_t said, Fate fate) { return cut_after(turns, said, fate); }) == "");
  }
}

TEST_CASE("silence, an end or a reset behind any byte of a DNS server's answer over TCP is said") {
  const auto address = [](std::string_view query) { return dns_answer(query, {"10.0.0.7"}); };
  const std::size_t size =
      framed(dns_answer(std::string(12, '\0') + wire_name("host.example.") + big16(1) + big16(1), {"10.0.0.7"})).size();
  const Value::Object options{{"server", "10.0.0.1"}, {"tcp", true}};
  CHECK(differing_cut("dns", 53, options, size - 1,
                      [&](std::size_t said, Fate fate) { return tcp_server(address, said, fate); }) == "");
}

TEST_CASE("silence, an end or a reset behind any byte of a zone transfer is said, and no zone") {
  const Value::Object options{{"type", "AXFR"}};
  const std::size_t size = framed(zone_of("\x12\x34")).size();
  CHECK(differing_cut("dns", 53, options, size - 1,
                      [&](std::size_t said, Fate fate) { return tcp_server(zone_of, said, fate); }) == "");
  Probing whole;
  whole.subject = "host.example";
  whole.peer(53, tcp_server(zone_of, size, Fate::hang));
  CHECK(whole.ask("dns", 53, options).outcome);
}

TEST_CASE("silence, an end or a reset behind any byte of a ServerHello is no answer of which versions are accepted") {
  const std::string hello =
      "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03"s + std::string(32, 'r') + "\x00\x00\x35\x00"s;
  const std::vector<Turn> turns{{"", hello}};
  for (const Fate fate : fates) {
    for (std::size_t said = 1; said < hello.size(); ++said) {
      Probing probing;
      probing.peer(443, cut_after(turns, said, fate));
      const Answer answer = probing.ask("tls_accepts", 443);
      REQUIRE(probing.reason(answer) == reason_of(fate));
      REQUIRE(answer.observation->reason == reason_of(fate));
    }
  }
}
