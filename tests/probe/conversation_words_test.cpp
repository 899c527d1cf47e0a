#include <cerrno>

#include "probe/conversation.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

std::string response(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void faulty(Probing& probing, std::uint16_t port, PortEvent event, std::uint32_t faults,
            std::vector<ScriptStep> steps = {}) {
  ScriptedPort behaviour;
  behaviour.event = event;
  behaviour.faults_first = faults;
  behaviour.steps = std::move(steps);
  probing.world.port(tcp("10.0.0.1", port), std::move(behaviour));
}

}  // namespace

TEST_CASE("a banner ends in silence, at the peer's end, at its cap, at a reset after bytes") {
  Probing probing;
  probing.peer(1, {ScriptStep::say("220 ready\r\n"), ScriptStep::hang()});
  probing.peer(2, {ScriptStep::say("220 ready\r\n"), ScriptStep::end()});
  probing.peer(3, {ScriptStep::say(std::string(10'000'000, 'x'))});
  probing.peer(4, {ScriptStep::say("220", {}, 1), ScriptStep::reset()});
  Answer answer = probing.ask("banner", 1);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "bytes") == "220 ready\r\n");
  CHECK(text(answer.fields, "ended") == "idle");
  CHECK(answer.observation->reason == Reason::observed);
  CHECK(answer.observation->remote == "10.0.0.1:1");
  CHECK(answer.observation->local == "10.0.0.1:40000");
  CHECK(answer.observation->attempts == 1);
  CHECK(answer.observation->elapsed == 301ms);  // a round trip and the silence
  CHECK(text(probing.ask("banner", 2).fields, "ended") == "eof");
  answer = probing.ask("banner", 3, {{"max", 100}});
  CHECK(text(answer.fields, "ended") == "cap");
  CHECK(text(answer.fields, "bytes").size() == 100);
  answer = probing.ask("banner", 4);
  CHECK(text(answer.fields, "ended") == "reset");
  CHECK(text(answer.fields, "bytes") == "220");
}

TEST_CASE("a banner of nothing is a timeout, an end, a reset or a refusal, never an answer") {
  Probing probing;
  probing.peer(1, {ScriptStep::hang()});
  probing.peer(2, {ScriptStep::end()});
  probing.peer(3, {ScriptStep::reset()});
  faulty(probing, 4, PortEvent::closed, 0);
  CHECK(probing.reason(probing.ask("banner", 1)) == Reason::timeout);
  CHECK(probing.reason(probing.ask("banner", 2)) == Reason::eof);
  CHECK(probing.reason(probing.ask("banner", 3)) == Reason::reset);
  CHECK(probing.reason(probing.ask("banner", 4)) == Reason::refused);
  CHECK(probing.reason(probing.ask("banner", 5)) == Reason::timeout);
  CHECK(probing.context->record().size() == 1);
  CHECK(probing.context->record().front()->reason == Reason::timeout);
}

TEST_CASE("a peer that trickles costs its idle time, the banner's timeout or the check's deadline") {
  Probing probing;
  std::vector<ScriptStep> trickle;
  for (int i = 0; i < 1'000; ++i) trickle.push_back(ScriptStep::say("x", 1s));
  probing.peer(1, std::move(trickle));
  Answer answer = probing.ask("banner", 1);
  CHECK(text(answer.fields, "bytes") == "x");
  CHECK(text(answer.fields, "ended") == "idle");
  answer = probing.ask("banner", 1, {{"idle", 2}, {"timeout", 5}});
  CHECK(text(answer.fields, "bytes") == "xxxxx");
  CHECK(text(answer.fields, "ended") == "deadline");
  probing.deadline = probing.in(10s);
  answer = probing.ask("banner", 1, {{"idle", 2}, {"timeout", 60}});
  CHECK(probing.reason(answer) == Reason::timeout);
  CHECK(probing.world.now() <= probing.deadline);
  CHECK(text(*answer.observation->fields.get_if<Value::Object>(), "received") == "xxxxxxxxx");
}

TEST_CASE("what a rule says first is sent, and its answer heard") {
  Probing probing;
  probing.peer(1, {ScriptStep::expect("QUIT\r\n"), ScriptStep::say("221 bye")});
  const Answer answer = probing.ask("banner", 1, {{"send", "QUIT\r\n"}});
  CHECK(text(answer.fields, "bytes") == "221 bye");
  CHECK(text(answer.fields, "sent") == "QUIT\r\n");
}

TEST_CASE("evidence keeps the first bytes of a long banner and says how long it was") {
  Probing probing;
  probing.peer(1, {ScriptStep::say(std::string(60'000, 'x'))});
  const Answer answer = probing.ask("banner", 1, {{"max", 50'000}});
  CHECK(text(answer.fields, "bytes").size() == 50'000);
  const auto& kept = *answer.observation->fields.get_if<Value::Object>();
  CHECK(text(kept, "bytes").size() == 4'096);
  CHECK(number(kept, "bytes_bytes") == 50'000);
}

TEST_CASE("a web server's answer is the same however it arrives") {
  const std::string bytes = response("<title>Hi</title>");
  for (std::size_t split = 1; split <= bytes.size(); ++split) {
    Probing probing;
    probing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(bytes, {}, split), ScriptStep::hang()});
    const Answer answer = probing.ask("http", 80);
    REQUIRE(answer.outcome);
    REQUIRE(number(answer.fields, "status") == 200);
    REQUIRE(text(answer.fields, "title") == "Hi");
    REQUIRE(text(answer.fields, "body") == "<title>Hi</title>");
    REQUIRE(answer.fields.at("headers").find("set-cookie")->get_if<Value::Array>()->size() == 2);
  }
}

TEST_CASE("what is no web server's answer is none") {
  Probing probing;
  probing.peer(1, {ScriptStep::say("SSH-2.0-OpenSSH\r\n")});
  probing.peer(2, {ScriptStep::end()});
  probing.peer(3, {ScriptStep::say("HTTP/1.1 200 OK\r\nContent-Le"), ScriptStep::end()});
  probing.peer(4, {ScriptStep::say("HTTP/1.1 200 OK\r\n"), ScriptStep::hang()});
  probing.peer(5, {ScriptStep::say("HTTP/1.1 200 OK\r\n"), ScriptStep::reset()});
  CHECK(probing.reason(probing.ask("http", 1)) == Reason::protocol_error);
  CHECK(probing.reason(probing.ask("http", 2)) == Reason::eof);
  CHECK(probing.reason(probing.ask("http", 3)) == Reason::eof);
  CHECK(probing.reason(probing.ask("http", 4)) == Reason::timeout);
  CHECK(probing.reason(probing.ask("http", 5)) == Reason::reset);
  CHECK(probing.context->record().front()->reason == Reason::reset);
}

TEST_CASE("a web server that sends for ever costs its cap") {
  Probing probing;
  probing.peer(80, {ScriptStep::say("HTTP/1.1 200 OK\r\n\r\n"), ScriptStep::say(std::string(10'000'000, 'x'))});
  const Answer answer = probing.ask("http", 80);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "body").size() == 1U << 20U);
  CHECK(*answer.fields.at("body_truncated").get_if<bool>());
  CHECK(text(*answer.observation->fields.get_if<Value::Object>(), "body").size() == 1'024);
  CHECK(number(*answer.observation->fields.get_if<Value::Object>(), "body_bytes") == 1 << 20);
}

TEST_CASE("a fault of this machine that passes is not seen by who connects") {
  Probing probing;
  faulty(probing, 1, PortEvent::open, 3, {ScriptStep::say("hello")});
  const Answer answer = probing.ask("banner", 1);
  CHECK(text(answer.fields, "bytes") == "hello");
  CHECK(answer.observation->attempts == 4);
  CHECK(probing.services.counters.local_faults == 3);
}

TEST_CASE("a fault of this machine that stays is its own, and no answer of the peer") {
  Probing probing;
  faulty(probing, 1, PortEvent::fault, 0);
  const Answer answer = probing.ask("banner", 1);
  CHECK(probing.reason(answer) == Reason::local_fault);
  CHECK_FALSE(probing.target.alive());
  CHECK(probing.context->record().front()->reason == Reason::local_fault);
}

TEST_CASE("nobody connects again once the check's deadline has passed") {
  Probing probing;
  faulty(probing, 1, PortEvent::fault, 0);
  probing.deadline = probing.in(60ms);
  CHECK(probing.reason(probing.ask("banner", 1)) == Reason::local_fault);
  CHECK(probing.world.now() <= probing.deadline);
  CHECK(probing.world.sent().size() == 3);
}

TEST_CASE("a refusal shows life, silence does not") {
  Probing probing;
  CHECK(probing.reason(probing.ask("banner", 1)) == Reason::timeout);
  CHECK_FALSE(probing.target.alive());
  faulty(probing, 2, PortEvent::closed, 0);
  CHECK(probing.reason(probing.ask("banner", 2)) == Reason::refused);
  CHECK(probing.target.alive(ip("10.0.0.1")));
}

TEST_CASE("regression: an observation of a conversation that is still open took no time yet") {
  Probing probing;
  probing.peer(1, {ScriptStep::say("a", 5s)});
  Context context(probing.target, probing.in(1h));
  auto task = [&]() -> awaitable<void> {
    const ConnectOptions options(2s);
    std::string word = "connect";
    Result<std::unique_ptr<Conversation>> opened =
        co_await connect(context, tcp("10.0.0.1", 1), options, std::move(word));
    REQUIRE(opened);
    CHECK(context.record().front()->elapsed == 0s);
    const Result<std::string> heard = co_await (*opened)->read_some(10, 10s);
    CHECK(heard);
    opened->reset();
    CHECK(context.record().front()->elapsed == 5001ms);
  };
  play(probing.world, task);
}

TEST_CASE(
    "regression: bytes that waited through failed reads are recorded once, and a read that succeeds clears the "
    "failure") {
  Probing probing;
  probing.peer(1, {ScriptStep::say("abc"), ScriptStep::say("def\n", 5s), ScriptStep::hang()});
  Context context(probing.target, probing.in(1h));
  auto task = [&]() -> awaitable<void> {
    const ConnectOptions options(2s);
    std::string word = "connect";
    Result<std::unique_ptr<Conversation>> opened =
        co_await connect(context, tcp("10.0.0.1", 1), options, std::move(word));
    for (int i = 0; i < 2; ++i) {
      const Result<std::string> early = co_await (*opened)->read_line(100, 1s);
      CHECK(early.error().reason == Reason::timeout);
    }
    CHECK(context.record().front()->reason == Reason::timeout);
    const Result<std::string> some = co_await (*opened)->read_some(2, 1s);
    CHECK(*some == "ab");
    const Result<std::string> line = co_await (*opened)->read_line(100, 10s);
    CHECK(*line == "cdef");
  };
  play(probing.world, task);
  const Observation& seen = *context.record().front();
  CHECK(seen.reason == Reason::observed);
  CHECK(text(*seen.fields.get_if<Value::Object>(), "received") == "abcdef");
  CHECK(number(*seen.fields.get_if<Value::Object>(), "received_bytes") == 6);
}

TEST_CASE("conversations with one target wait for each other, and no longer than the check") {
  TargetLimits limits;
  limits.per_target = 1;
  Probing probing({"10.0.0.1"}, limits);
  probing.peer(1, {ScriptStep::hang()});
  Context patient(probing.target, probing.in(1h));
  Context hasty(probing.target, probing.in(1s));
  std::vector<std::string> ends;
  const ConnectOptions options(2s);
  auto holder = [&]() -> awaitable<void> {
    std::string word = "connect";
    Result<std::unique_ptr<Conversation>> opened =
        co_await connect(patient, tcp("10.0.0.1", 1), options, std::move(word));
    const Result<std::string> heard = co_await (*opened)->read_some(1, 5s);
    ends.emplace_back("held");
  };
  auto late = [&]() -> awaitable<void> {
    std::string word = "connect";
    const Result<std::unique_ptr<Conversation>> opened =
        co_await connect(hasty, tcp("10.0.0.1", 1), options, std::move(word));
    ends.emplace_back(opened ? "opened" : name_of(opened.error().reason));
  };
  auto next = [&]() -> awaitable<void> {
    std::string word = "connect";
    const Result<std::unique_ptr<Conversation>> opened =
        co_await connect(patient, tcp("10.0.0.1", 1), options, std::move(word));
    ends.emplace_back(opened ? "opened" : name_of(opened.error().reason));
  };
  start(probing.io, holder);
  start(probing.io, late);
  play(probing.world, next);
  CHECK(ends == std::vector<std::string>{"timeout", "held", "opened"});
}

TEST_CASE("a mistake in the options names the word, and what was meant") {
  Probing probing;
  const auto mistake = [&](std::string_view word, Value::Object options) {
    const Answer answer = probing.ask(word, 80, std::move(options));
    CHECK(probing.reason(answer) == Reason::rule_error);
    return answer.outcome ? std::string() : answer.outcome.error().message;
  };
  CHECK(mistake("banner", {{"timout", 1}}) == "banner: no option `timout`; did you mean `timeout`?");
  CHECK(mistake("banner", {{"idle", "soon"}}).find("banner: option `idle` must be") == 0);
  CHECK(mistake("banner", {{"max", 0}}).find("an integer from 1 to 65536") != std::string::npos);
  CHECK(mistake("port", {{"timeout", 301}}).find("port: option `timeout`") == 0);
  CHECK(mistake("port", {{"attemps", 2}}).find("did you mean `attempts`?") != std::string::npos);
  CHECK(mistake("udp", {{"replies", 65}}).find("udp: option `replies`") == 0);
  CHECK(mistake("http", {{"pth", "/"}}).find("did you mean `path`?") != std::string::npos);
  CHECK(mistake("http", {{"path", "/ x"}}).size() > 5);
  CHECK(mistake("http", {{"headers", Value::Object{{"X", 1}}}}) == "http: header `X` must be a string");
  CHECK(mistake("dns", {{"type", "AAAAA"}}) == "dns: no record type `AAAAA`");
  CHECK(mistake("dns", {{"typ", "A"}}).find("did you mean `type`?") != std::string::npos);
  CHECK(probing.world.sent().empty());
}

TEST_CASE("a check's record is capped, and what is dropped is counted") {
  Probing probing;
  Context context(probing.target, never);
  for (int i = 0; i < 100; ++i) CHECK(context.finish(context.begin("port", "tcp/10.0.0.1:1"), {}).observation);
  CHECK(context.record().size() == 64);
  CHECK(context.dropped() == 36);
}

TEST_CASE("evidence is capped within lists and tables, and says so") {
  Value::Object fields;
  fields["list"] = Value::Array{std::string(10, 'a'), std::string(3, 'b')};
  fields["table"] = Value::Object{{"inner", std::string(20, 'c')}};
  fields["many"] = Value::Array(100, Value(1));
  const Value::Object kept = capped(fields, 5);
  CHECK(kept.at("list") == Value(Value::Array{"aaaaa", "bbb"}));
  CHECK(kept.at("list_bytes") == Value(Value::Array{10, 3}));
  CHECK(number(*kept.at("table").get_if<Value::Object>(), "inner_bytes") == 20);
  CHECK(kept.at("many").get_if<Value::Array>()->size() == 64);
  CHECK(number(kept, "many_items") == 100);
}
