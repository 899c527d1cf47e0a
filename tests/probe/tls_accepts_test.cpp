#include "base/text.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

std::string raw(std::string_view hex) {
  std::string bytes;
  REQUIRE(from_hex(hex, bytes));
  return bytes;
}

const std::string thirty_two = std::string(64, '0');

/// What a server says to a hello, in steps.
std::vector<ScriptStep> saying(std::string_view hex) { return {ScriptStep::say(raw(hex)), ScriptStep::hang()}; }
std::vector<ScriptStep> refusing(std::string_view alert = "28") {
  return saying("15030300020" + std::string("2") + std::string(alert));
}
/// A ServerHello of TLS 1.2 with this suite.
std::vector<ScriptStep> taking(std::string_view suite) {
  return saying(
      "160303002a"
      "02000026"
      "0303" +
      thirty_two + "00" + std::string(suite) + "00");
}

/// A port whose connections meet these, one after the other; the last repeats.
void connections(Probing& probing, std::uint16_t port, std::deque<std::vector<ScriptStep>> meet) {
  ScriptedPort behaviour;
  behaviour.steps = std::move(meet.front());
  meet.pop_front();
  behaviour.later = std::move(meet);
  probing.world.port(tcp("10.0.0.1", port), std::move(behaviour));
}

bool flag(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  return found != fields.end() && found->second.get_if<bool>() != nullptr && *found->second.get_if<bool>();
}

std::string names(const Value::Object& fields, std::string_view key, std::string_view inner = {}) {
  const Value* value = &fields.find(key)->second;
  if (!inner.empty()) value = value->find(inner);
  std::string text;
  if (value != nullptr)
    for (const Value& name : *value->get_if<Value::Array>()) text += *name.get_if<std::string>() + " ";
  return text;
}

}  // namespace

TEST_CASE("one suite of one version: a connection for it, one for its refusal, one for each other version") {
  Probing probing;
  connections(probing, 443, {refusing("46"), taking("0035"), refusing()});
  const Answer answer = probing.ask("tls_accepts", 443);
  REQUIRE(answer.outcome);
  CHECK(names(answer.fields, "versions") == "TLSv1.2 ");
  CHECK(names(answer.fields, "ciphers", "TLSv1.2") == "TLS_RSA_WITH_AES_256_CBC_SHA ");
  CHECK(number(answer.fields, "connections") == 6);
  CHECK(flag(answer.fields, "complete"));
  CHECK(text(answer.fields, "starttls") == "none");
  CHECK(answer.observation->remote == "10.0.0.1:443");
  CHECK(probing.services.counters.asked == 1);
  CHECK(probing.services.counters.sent == 6);
  CHECK(probing.context->record().size() == 1);
}

TEST_CASE("a server that stops in the middle is an error, and what was seen is kept as incomplete") {
  const std::vector<ScriptStep> hang{ScriptStep::hang()};
  const std::vector<ScriptStep> reset{ScriptStep::reset()};
  const std::vector<ScriptStep> end{ScriptStep::end()};
  const auto outcome = [](const std::vector<ScriptStep>& last) {
    Probing probing;
    connections(probing, 443, {refusing("46"), taking("0035"), taking("002f"), last});
    const Answer answer = probing.ask("tls_accepts", 443);
    REQUIRE_FALSE(answer.outcome);
    const auto& kept = *answer.observation->fields.get_if<Value::Object>();
    CHECK_FALSE(flag(kept, "complete"));
    CHECK(names(kept, "ciphers", "TLSv1.2") == "TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_AES_128_CBC_SHA ");
    CHECK(answer.observation->reason == answer.outcome.error().reason);
    CHECK(answer.outcome.error().message.find("asking for TLSv1.2, 2 suites seen)") != std::string::npos);
    return answer.outcome.error().reason;
  };
  CHECK(outcome(hang) == Reason::timeout);
  CHECK(outcome(reset) == Reason::reset);
  CHECK(outcome(end) == Reason::eof);
  CHECK(outcome({ScriptStep::say(raw("1603")), ScriptStep::end()}) == Reason::eof);
  CHECK(outcome({ScriptStep::say(raw("1603")), ScriptStep::reset()}) == Reason::reset);
  CHECK(outcome({ScriptStep::say("HTTP/1.1 400 Bad\r\n")}) == Reason::protocol_error);
  CHECK(outcome(saying("1603034001")) == Reason::protocol_error);
  CHECK(outcome(taking("1301")) == Reason::protocol_error);
  CHECK(outcome(refusing("50")) == Reason::tls_error);
}

TEST_CASE("a server that refuses everything, or is none of TLS, is never an empty answer") {
  Probing probing;
  probing.peer(1, refusing("46"));
  probing.peer(2, {ScriptStep::say("SSH-2.0-x\r\n"), ScriptStep::hang()});
  probing.peer(3, {ScriptStep::hang()});
  probing.peer(4, {ScriptStep::end()});
  ScriptedPort closed;
  closed.event = PortEvent::closed;
  probing.world.port(tcp("10.0.0.1", 5), std::move(closed));
  CHECK(probing.reason(probing.ask("tls_accepts", 1)) == Reason::tls_error);
  CHECK(probing.reason(probing.ask("tls_accepts", 2)) == Reason::protocol_error);
  CHECK(probing.reason(probing.ask("tls_accepts", 3)) == Reason::timeout);
  CHECK(probing.reason(probing.ask("tls_accepts", 4)) == Reason::eof);
  CHECK(probing.reason(probing.ask("tls_accepts", 5)) == Reason::refused);
}

TEST_CASE("a server that trickles costs its timeout, and the check's deadline holds over all connections") {
  Probing probing;
  std::vector<ScriptStep> trickle;
  for (int i = 0; i < 1'000; ++i) trickle.push_back(ScriptStep::say(i == 0 ? "\x16" : "\x03", 1s));
  probing.peer(1, std::move(trickle));
  const Instant before = probing.world.now();
  CHECK(probing.reason(probing.ask("tls_accepts", 1, {{"timeout", 4}})) == Reason::timeout);
  CHECK(probing.world.now() - before < 5s);
  std::vector<ScriptStep> slow{ScriptStep::say(raw("1503030002022f"), 2s), ScriptStep::hang()};
  probing.peer(2, std::move(slow));
  probing.deadline = probing.in(5s);
  CHECK(probing.reason(probing.ask("tls_accepts", 2)) == Reason::timeout);
}

TEST_CASE("STARTTLS comes first where the port or the option says so, on every connection") {
  Probing probing;
  std::vector<ScriptStep> mail{ScriptStep::say("220 mx\r\n"),       ScriptStep::expect("EHLO [10.0.0.1]\r\n"),
                               ScriptStep::say("250 STARTTLS\r\n"), ScriptStep::expect("STARTTLS\r\n"),
                               ScriptStep::say("220 go\r\n"),       ScriptStep::expect("\x16\x03")};
  const auto behind = [&](std::vector<ScriptStep> tls) {
    std::vector<ScriptStep> steps = mail;
    steps.insert(steps.end(), tls.begin(), tls.end());
    return steps;
  };
  connections(probing, 25, {behind(refusing("46")), behind(taking("0035")), behind(refusing())});
  const Answer answer = probing.ask("tls_accepts", 25);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "starttls") == "smtp");
  CHECK(names(answer.fields, "versions") == "TLSv1.2 ");
  CHECK(probing.reason(probing.ask("tls_accepts", 25, {{"starttls", "none"}})) == Reason::protocol_error);
  probing.peer(26, {ScriptStep::say("220 mx\r\n"), ScriptStep::say("250 nothing\r\n"), ScriptStep::hang()});
  CHECK(probing.reason(probing.ask("tls_accepts", 26, {{"starttls", "smtp"}})) == Reason::tls_error);
  CHECK(probing.reason(probing.ask("tls_accepts", 26, {{"starttls", "gopher"}})) == Reason::rule_error);
  CHECK(probing.reason(probing.ask("tls_accepts", 26, {{"timeuot", 1}})) == Reason::rule_error);
}

TEST_CASE("the name is asked for where it is one, and an address never") {
  const auto asks_for = [](std::string_view name) {
    Probing probing;
    probing.peer(443, refusing("46"));
    (void)probing.ask("tls_accepts", 443, {{"server_name", std::string(name)}});
    for (const auto& sent : probing.world.sent())
      if (sent.bytes.find(name) != std::string::npos) return true;
    return false;
  };
  CHECK(asks_for("www.example.net"));
  CHECK_FALSE(asks_for("192.0.2.7"));
}
