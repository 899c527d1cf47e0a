#include <set>

#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

std::vector<std::string> replies(const Answer& answer) {
  std::vector<std::string> all;
  const auto found = answer.fields.find("replies");
  if (found == answer.fields.end()) return all;
  for (const Value& reply : *found->second.get_if<Value::Array>())
    all.push_back(*reply.find("bytes")->get_if<std::string>());
  return all;
}

/// The state, or the error's kind, where an ICMP error of IPv4 type 3 meets what is sent to 10.0.0.1.
std::string met(std::uint8_t code, const std::string& from, bool alive = false) {
  Probing probing;
  IcmpError error;
  error.from = ip(from);
  error.type = 3;
  error.code = code;
  probing.world.icmp(udp("10.0.0.1", 1), error);
  if (alive) probing.target.note_life(ip("10.0.0.1"));
  const Answer answer = probing.ask("udp", 1, {{"send", "x"}});
  if (!answer.outcome) return std::string(name_of(answer.outcome.error().reason));
  CHECK(text(answer.fields, "icmp_from") == from);
  CHECK_FALSE(text(answer.fields, "icmp").empty());
  CHECK(probing.target.alive() == (alive || from == "10.0.0.1"));
  return text(answer.fields, "state");
}

}  // namespace

TEST_CASE("a UDP service replies, is closed, or open|filtered after every attempt") {
  Probing probing;
  probing.world.host(ip("10.0.0.1"));
  int lost = 2;
  probing.world.datagrams(udp("10.0.0.1", 1), [&](std::string_view query) -> std::optional<std::string> {
    if (lost-- > 0) return std::nullopt;
    return "re:" + std::string(query);
  });
  probing.world.datagrams(udp("10.0.0.1", 3), [](std::string_view) { return std::nullopt; });
  Answer answer = probing.ask("udp", 1, {{"send", "ping"}});
  REQUIRE(answer.outcome);
  CHECK(replies(answer) == std::vector<std::string>{"re:ping"});
  CHECK(answer.observation->attempts == 3);
  CHECK(probing.services.counters.sent == 3);
  CHECK(probing.services.counters.retried == 2);
  CHECK(probing.target.alive());
  answer = probing.ask("udp", 2);
  CHECK(text(answer.fields, "state") == "closed");
  CHECK(answer.observation->reason == Reason::closed);
  const std::size_t before = probing.world.sent().size();
  answer = probing.ask("udp", 3, {{"attempts", 4}});
  CHECK(text(answer.fields, "state") == "open|filtered");
  CHECK(answer.observation->reason == Reason::filtered);
  CHECK(probing.world.sent().size() - before == 4);
}

TEST_CASE("regression: a UDP silence that the check's deadline cut short is a timeout, and nothing is sent after it") {
  Probing probing;
  probing.world.datagrams(udp("10.0.0.1", 1), [](std::string_view) { return std::nullopt; });
  probing.deadline = probing.in(3s);
  CHECK(probing.reason(probing.ask("udp", 1, {{"attempts", 10}})) == Reason::timeout);
  CHECK(probing.world.sent().size() == 2);
  CHECK(probing.world.now() == probing.deadline);
}

TEST_CASE("a datagram that IP cannot carry is a mistake of the rule, and not sent") {
  Probing probing;
  const Answer fits = probing.ask("udp", 1, {{"send", std::string(65'507, 'x')}});
  CHECK(probing.reason(fits) != Reason::rule_error);
  const auto sent = probing.services.counters.sent;
  for (const char* option : {"send", "farewell"}) {
    Value::Object options{{"send", "x"}, {"other_ports", true}};
    options[option] = std::string(65'508, 'x');
    const Answer answer = probing.ask("udp", 1, options);
    REQUIRE_FALSE(answer.outcome);
    CHECK(answer.outcome.error().message == "udp: a datagram carries 65507 bytes at most, not 65508");
  }
  CHECK(probing.services.counters.sent == sent);
}

TEST_CASE("only the host's own ICMP port unreachable says closed") {
  CHECK(met(3, "10.0.0.1") == "closed");
  CHECK(met(3, "10.0.0.254") == "filtered");
}

TEST_CASE("an ICMP prohibition is filtered, whoever sends it") {
  for (const int code : {2, 9, 10, 13}) {
    CHECK(met(static_cast<std::uint8_t>(code), "10.0.0.1") == "filtered");
    CHECK(met(static_cast<std::uint8_t>(code), "10.0.0.254") == "filtered");
  }
}

TEST_CASE("no way to a host is unreachable, unless the host itself says so or has shown life") {
  for (const int code : {0, 1}) {
    CHECK(met(static_cast<std::uint8_t>(code), "10.0.0.254") == "unreachable");
    CHECK(met(static_cast<std::uint8_t>(code), "10.0.0.254", true) == "filtered");
    CHECK(met(static_cast<std::uint8_t>(code), "10.0.0.1") == "filtered");
  }
}

TEST_CASE("an unreachable names the host, the port and who said it") {
  Probing probing;
  IcmpError error;
  error.from = ip("10.0.0.254");
  error.type = 3;
  error.code = 1;
  probing.world.icmp(udp("10.0.0.1", 161), error);
  const Answer answer = probing.ask("udp", 161, {{"attempts", 2}});
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().message == "udp/10.0.0.1:161: ICMP host unreachable from 10.0.0.254");
  CHECK(answer.observation->attempts == 2);
}

TEST_CASE("several replies are collected, each with its bytes, length and source") {
  Probing probing;
  probing.world.many_datagrams(udp("10.0.0.1", 1), [](std::string_view) {
    return std::vector<std::string>{"one", "", std::string(65'507, 'x')};
  });
  Answer answer = probing.ask("udp", 1, {{"replies", 3}});
  const auto& all = *answer.fields.at("replies").get_if<Value::Array>();
  REQUIRE(all.size() == 3);
  CHECK(*all[0].find("from") == Value("10.0.0.1:1"));
  CHECK(*all[1].find("length") == Value(0));
  CHECK(all[2].find("bytes")->get_if<std::string>()->size() == 65'507);
  answer = probing.ask("udp", 1);
  CHECK(replies(answer) == std::vector<std::string>{"one"});
}

TEST_CASE("fewer replies than were hoped for are an answer at the attempt's end, and nothing is sent again") {
  Probing probing;
  probing.world.many_datagrams(udp("10.0.0.1", 1), [](std::string_view) { return std::vector<std::string>{"a", "b"}; });
  const Instant began = probing.world.now();
  const Answer answer = probing.ask("udp", 1, {{"replies", 64}, {"timeout", 1}});
  CHECK(replies(answer) == std::vector<std::string>{"a", "b"});
  CHECK(answer.observation->attempts == 1);
  CHECK(probing.world.sent().size() == 1);
  CHECK(probing.world.now() - began < 1'200ms);
}

TEST_CASE("a lost datagram is sent again when its attempt's time is over, and every reply to that is heard") {
  for (const std::int64_t wanted : {3, 5}) {  // three come
    Probing probing;
    int lost = 2;
    probing.world.many_datagrams(udp("10.0.0.1", 1), [&](std::string_view) -> std::vector<std::string> {
      if (lost-- > 0) return {};
      return {"a", "b", "c"};
    });
    const Instant began = probing.world.now();
    const Answer answer = probing.ask("udp", 1, {{"send", "x"}, {"attempts", 4}, {"timeout", 8}, {"replies", wanted}});
    CHECK(replies(answer) == std::vector<std::string>{"a", "b", "c"});
    CHECK(answer.observation->attempts == 3);
    CHECK(probing.services.counters.retried == 2);
    CHECK(probing.world.sent().size() == 3);
    for (const auto& sent : probing.world.sent()) CHECK(sent.bytes == "x");
    const int waited_out = wanted == 3 ? 2 : 3;  // attempts
    CHECK(probing.world.now() - began >= waited_out * 8s);
    CHECK(probing.world.now() - began <= waited_out * 9s);
  }
}

TEST_CASE("a reply is cut at max_bytes, and its true length said") {
  Probing probing;
  probing.world.datagrams(udp("10.0.0.1", 1), [](std::string_view) { return std::string(9'000, 'x'); });
  const Answer answer = probing.ask("udp", 1, {{"max_bytes", 10}});
  const Value& reply = answer.fields.at("replies").get_if<Value::Array>()->at(0);
  CHECK(*reply.find("bytes") == Value("xxxxxxxxxx"));
  CHECK(*reply.find("length") == Value(9'000));
}

TEST_CASE("attempts are spread by up to an eighth of their timeout, the last one is not") {
  Probing probing;
  probing.world.datagrams(udp("10.0.0.1", 1), [](std::string_view) { return std::nullopt; });
  std::set<Duration> took;
  for (int i = 0; i < 8; ++i) {
    const Instant began = probing.world.now();
    CHECK(text(probing.ask("udp", 1, {{"attempts", 2}, {"timeout", 8}, {"fresh", true}}).fields, "state") ==
          "open|filtered");
    const Duration all = probing.world.now() - began;
    CHECK(all >= 16s);
    CHECK(all <= 17s);
    took.insert(all);
  }
  CHECK(took.size() > 1);
}

namespace {

/// A service on 69 that answers from `port`: the state, where the reply came from, how the farewell went, and what was
/// sent to which port.
std::string moved(std::uint16_t port, Value::Object options) {
  Probing probing;
  probing.world.host(ip("10.0.0.1"));
  probing.world.datagrams(udp("10.0.0.1", 69), [](std::string_view) { return "block"; });
  probing.world.answers_from(udp("10.0.0.1", 69), port);
  options["attempts"] = 1;
  const Answer answer = probing.ask("udp", 69, std::move(options));
  if (!answer.outcome) return answer.outcome.error().message;
  std::string told = text(answer.fields, "state");
  if (const auto all = answer.fields.find("replies"); all != answer.fields.end())
    told += " " + *all->second.get_if<Value::Array>()->at(0).find("from")->get_if<std::string>();
  told += " " + text(answer.fields, "farewell");
  for (const auto& sent : probing.world.sent()) told += " " + std::to_string(sent.to.port) + ":" + sent.bytes;
  return told;
}

}  // namespace

TEST_CASE("a reply from another port of the host is heard where it is asked for, and parted from there") {
  CHECK(moved(3000, {{"send", "x"}}) == "open|filtered  69:x");
  CHECK(moved(3000, {{"send", "x"}, {"other_ports", true}}) == "open 10.0.0.1:3000  69:x");
  CHECK(moved(3000, {{"send", "x"}, {"other_ports", true}, {"farewell", "bye"}}) ==
        "open 10.0.0.1:3000 sent 69:x 3000:bye");
  CHECK(moved(69, {{"send", "x"}, {"other_ports", true}, {"farewell", "bye"}}) == "open 10.0.0.1:69 sent 69:x 69:bye");
  CHECK_THAT(moved(69, {{"farewell", "bye"}}), Catch::Contains("needs `other_ports = true`"));
}

TEST_CASE("where other ports are heard too, silence and an ICMP port unreachable are what they were") {
  Probing probing;
  probing.world.host(ip("10.0.0.1"));
  CHECK(text(probing.ask("udp", 2, {{"other_ports", true}, {"farewell", "bye"}}).fields, "state") == "closed");
  probing.world.datagrams(udp("10.0.0.1", 3), [](std::string_view) { return std::nullopt; });
  const Answer answer = probing.ask("udp", 3, {{"other_ports", true}, {"farewell", "bye"}, {"attempts", 2}});
  CHECK(text(answer.fields, "state") == "open|filtered");
  CHECK(answer.fields.find("farewell") == answer.fields.end());
}
