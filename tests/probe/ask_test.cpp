#include "probe/ask.hpp"

#include "probe/answer_cache.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// Checks of one target that each ask one question, all at once.
struct Checks {
  struct One {
    One(Target& target, Instant deadline) : context(target, deadline) {}
    Context context;
    Answer answer;
    Instant ended;
  };

  explicit Checks(Probing& probing_in) : probing(probing_in) {}

  One& add(std::string_view word, std::uint16_t port, Value::Object options = {}, Duration patience = 1h) {
    one.push_back(std::make_unique<One>(probing.target, probing.world.now() + patience));
    One& check = *one.back();
    Question question;
    question.endpoints = probing.target.endpoints(port, Transport::tcp);
    question.subject = "tcp/" + std::to_string(port);
    question.options = std::move(options);
    asio::co_spawn(probing.world.io(), ask_one(check, *find_word(word), std::move(question)),
                   [](const std::exception_ptr& failure) {
                     if (failure) std::rethrow_exception(failure);
                   });
    return check;
  }
  awaitable<void> ask_one(One& check, const Word& word, Question question) {
    const std::shared_ptr<const Answer> heard = co_await probe::ask(word, check.context, std::move(question));
    check.answer = *heard;
    check.ended = probing.world.now();
  }
  void run() { probing.world.run(); }

  Probing& probing;
  std::vector<std::unique_ptr<One>> one;
};

std::string kind(const Answer& answer) {
  return answer.outcome ? "observed" : std::string(name_of(answer.outcome.error().reason));
}

}  // namespace

TEST_CASE("fifty checks that ask the same at once cause one connection, and each has it in its record") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("SSH-2.0-x\r\n", 10ms)});
  Checks checks(probing);
  for (int i = 0; i < 50; ++i) checks.add("banner", 22);
  checks.run();
  CHECK(probing.world.sent().size() == 1);
  for (const auto& check : checks.one) {
    CHECK(text(check->answer.fields, "bytes") == "SSH-2.0-x\r\n");
    REQUIRE(check->context.record().size() == 1);
    CHECK(check->context.record().front() == check->answer.observation);
    CHECK(check->answer.observation->reason == Reason::observed);
  }
  const ProbeCounters& counters = probing.services.counters;
  CHECK(counters.asked == 50);
  CHECK(counters.sent == 1);
  CHECK(counters.shared == 49);
}

TEST_CASE("what was answered, and what was refused, is not asked again while the target is open") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("hello\n")});
  ScriptedPort closed;
  closed.event = PortEvent::closed;
  probing.world.port(tcp("10.0.0.1", 23), closed);
  for (int i = 0; i < 3; ++i) {
    CHECK(text(probing.ask("banner", 22).fields, "bytes") == "hello\n");
    CHECK(probing.reason(probing.ask("banner", 23)) == Reason::refused);
  }
  CHECK(probing.world.sent().size() == 2);
}

TEST_CASE("a fresh question is asked anew, and its answer is what others get from then on") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("first\n")});
  CHECK(text(probing.ask("banner", 22).fields, "bytes") == "first\n");
  probing.peer(22, {ScriptStep::say("second\n")});
  CHECK(text(probing.ask("banner", 22).fields, "bytes") == "first\n");
  CHECK(text(probing.ask("banner", 22, {{"fresh", true}}).fields, "bytes") == "second\n");
  CHECK(text(probing.ask("banner", 22).fields, "bytes") == "second\n");
  CHECK(text(probing.ask("banner", 22, {{"fresh", false}}).fields, "bytes") == "second\n");
  CHECK(probing.world.sent().size() == 2);
  CHECK(probing.reason(probing.ask("banner", 22, {{"fresh", "yes"}})) == Reason::rule_error);
}

TEST_CASE("questions that differ in word, port or options are each asked") {
  Probing probing;
  for (const std::uint16_t port : {std::uint16_t{22}, std::uint16_t{23}})
    probing.peer(port, {ScriptStep::say("hello\n")});
  probing.ask("banner", 22);
  probing.ask("banner", 23);
  probing.ask("port", 22);
  probing.ask("banner", 22, {{"max", 2}});
  CHECK(probing.services.counters.shared == 0);
  probing.ask("banner", 22, {{"max", 2}});
  CHECK(probing.services.counters.shared == 1);
}

TEST_CASE("a fault of this machine is nobody else's answer") {
  Probing probing;
  ScriptedPort faulty;
  faulty.faults_first = 6;  // as many as one connect tries
  faulty.steps = {ScriptStep::say("hello\n")};
  probing.world.port(tcp("10.0.0.1", 22), std::move(faulty));
  CHECK(probing.reason(probing.ask("banner", 22)) == Reason::local_fault);
  CHECK(text(probing.ask("banner", 22).fields, "bytes") == "hello\n");
}

TEST_CASE("a waiter whose check ends first neither cancels the shared probe nor is remembered") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("late\n", 3s)});
  Checks checks(probing);
  Value::Object patient;
  patient["timeout"] = 5;
  const Checks::One& leader = checks.add("banner", 22, patient);
  const Checks::One& waiter = checks.add("banner", 22, patient, 1s);
  const Checks::One& other = checks.add("banner", 22, patient);
  checks.run();
  CHECK(kind(waiter.answer) == "timeout");
  REQUIRE(waiter.context.record().size() == 1);
  CHECK(waiter.context.record().front()->reason == Reason::timeout);
  CHECK(text(leader.answer.fields, "bytes") == "late\n");
  CHECK(text(other.answer.fields, "bytes") == "late\n");
  CHECK(text(probing.ask("banner", 22, patient).fields, "bytes") == "late\n");
  CHECK(probing.world.sent().size() == 1);
}

TEST_CASE("where the asking check's own deadline ended the probe, the next check asks anew") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("late\n", 3s)});
  Checks checks(probing);
  Value::Object patient;
  patient["timeout"] = 5;
  const Checks::One& leader = checks.add("banner", 22, patient, 1s);
  const Checks::One& waiter = checks.add("banner", 22, patient);
  checks.run();
  CHECK(kind(leader.answer) == "timeout");
  CHECK(text(waiter.answer.fields, "bytes") == "late\n");
  CHECK(probing.world.sent().size() == 2);
}

TEST_CASE("a stop wakes everybody who waits for a shared probe") {
  Probing probing;
  probing.peer(22, {ScriptStep::hang()});
  Checks checks(probing);
  for (int i = 0; i < 5; ++i) checks.add("banner", 22);
  asio::post(probing.world.io(), [&] { probing.world.stop(); });
  checks.run();
  for (const auto& check : checks.one) CHECK(kind(check->answer) == "stopped");
}

TEST_CASE("the oldest answers make room where a target's answers are too many") {
  asio::io_context io;
  ScriptedWorld world(io);
  AnswerCache cache(world.deadlines(), 4'000);
  for (int i = 0; i < 10; ++i) {
    Answer answer;
    answer.fields["bytes"] = std::string(1'000, 'x');
    const std::string key = std::to_string(i);
    const auto entry = cache.begin(key);
    cache.keep(key, entry, std::make_shared<const Answer>(std::move(answer)), {});
    CHECK(cache.bytes() <= 4'000);
  }
  CHECK(cache.find("0") == nullptr);
  CHECK(cache.find("9") != nullptr);
  std::uint64_t kept = 0;
  for (int i = 0; i < 10; ++i) kept += cache.find(std::to_string(i)) != nullptr ? 1 : 0;
  CHECK(kept > 0);
  CHECK(cache.evicted() == 10 - kept);
}
