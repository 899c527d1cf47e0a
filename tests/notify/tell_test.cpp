#include "notify/tell.hpp"

#include <catch2/catch.hpp>

#include "some_news.hpp"

using namespace audit;
using namespace audit::notify;

namespace {

NotifySettings a_command(const std::string& name, std::vector<std::string> words) {
  NotifySettings settings;
  settings.name = name;
  settings.kind = NotifierKind::command;
  settings.when.always = true;
  settings.command = std::move(words);
  settings.attempts = 2;
  return settings;
}

std::vector<Outcome> told(const std::vector<NotifySettings>& notifiers, const News& news, bool allow_commands = true) {
  static const Scrubber scrubber({"swordfish"});
  Means means;
  means.allow_commands = allow_commands;
  means.scrubber = &scrubber;
  return tell(notifiers, news, means);
}

}  // namespace

TEST_CASE("a command has the JSON on its standard input, and is told where it ends well") {
  const std::vector<Outcome> outcomes = told(
      {a_command("good", {"grep", "-q", "\"schema\":1,\"event\":\"run\""}), a_command("bad", {"false"})}, some_news());
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].ok);
  CHECK(outcomes[0].condition == "always");
  CHECK_FALSE(outcomes[1].ok);
  CHECK(outcomes[1].attempts == 1);
  CHECK(outcomes[1].message == "false ended with status 1");
}

TEST_CASE("a command that does not read what it is given is no fault") {
  News news = some_news();
  for (int i = 0; i < 50; ++i) news.failures.add(a_failure(Severity::high, std::string(2'000, 'x')));
  CHECK(told({a_command("deaf", {"true"})}, news).front().ok);
}

TEST_CASE("a command that asks for another attempt gets it") {
  const Outcome outcome = told({a_command("busy", {"sh", "-c", "exit 75"})}, some_news()).front();
  CHECK(outcome.attempts == 2);
  CHECK(outcome.message == "sh ended with status 75; given up after 2 attempts");
}

TEST_CASE("no command runs that nobody allowed") {
  const Outcome outcome = told({a_command("ops", {"true"})}, some_news(), false).front();
  CHECK_FALSE(outcome.ok);
  CHECK_THAT(outcome.message, Catch::Contains("--allow-commands"));
}

TEST_CASE("what a command complains of is shown without secrets and controls") {
  const Outcome outcome =
      told({a_command("ops", {"sh", "-c", "printf 'no swordfish\\033[31m' >&2; exit 1"})}, some_news()).front();
  CHECK(outcome.message == "sh ended with status 1: no *********\\x1b[31m");
}

TEST_CASE("who is missing a credential is told why, and nothing is sent") {
  NotifySettings settings;
  settings.name = "hook";
  settings.when.always = true;
  settings.credential = "gone";
  settings.address = {"https", "127.0.0.1", 9, "/"};
  const Outcome outcome = told({settings}, some_news()).front();
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.attempts == 0);
  CHECK(outcome.message == "credential `gone` is not there");
}

TEST_CASE("at a start only pings are sent, and who has no reason is left out") {
  NotifySettings quiet = a_command("quiet", {"true"});
  quiet.when = NotifyWhen();
  quiet.when.incomplete = true;
  CHECK(told({quiet}, some_news()).empty());
  News start = some_news();
  start.event = Event::start;
  CHECK(told({a_command("ops", {"true"})}, start).empty());
  News test = some_news();
  test.event = Event::test;
  CHECK(told({quiet}, test).front().condition == "test");
}
