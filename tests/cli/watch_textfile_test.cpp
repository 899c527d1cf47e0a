#include "cli/watch_textfile.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace audit::cli {
namespace {

WatchSight unseen(const WatchKey& key) { return {key, std::string(unknown_state), ""}; }

Check check_of(std::string rule, std::string target, Status status) {
  Check check;
  check.rule = std::move(rule);
  check.target = std::move(target);
  check.results.emplace_back().status = status;
  return check;
}

Status shown(Status seen, std::string_view confirmed) {
  WatchStates states(3);
  (void)states.see({{{Watched::check, "h", "a.rule"}, std::string(confirmed), ""}}, unseen, 1, {});
  RunRecord record;
  record.checks = {check_of("a.rule", "h", seen)};
  show_confirmed(record, states);
  REQUIRE(record.checks.size() == 1);
  return record.checks.held()[0].status();
}

TEST_CASE("a check is shown as it is confirmed, and unknown is never a pass") {
  CHECK(shown(Status::pass, "fail") == Status::fail);
  CHECK(shown(Status::fail, "pass") == Status::pass);
  CHECK(shown(Status::error, "pass") == Status::pass);
  CHECK(shown(Status::pass, "unknown") == Status::not_reviewed);
  CHECK(shown(Status::fail, "new") == Status::not_reviewed);
  CHECK(shown(Status::error, "unknown") == Status::error);
}

TEST_CASE("what one round did not see keeps its confirmed state") {
  WatchStates states(3);
  (void)states.see({{{Watched::check, "h", "a.rule"}, "fail", ""}, {{Watched::target, "h", ""}, "up", ""}}, unseen, 1,
                   {});
  RunRecord record;
  RuleRecord rule;
  rule.id = "a.rule";
  rule.severity = Severity::high;
  record.rules = {rule};
  show_confirmed(record, states);
  REQUIRE((record.checks.size() == 1 && record.targets.size() == 1));
  CHECK(record.checks.held()[0].status() == Status::fail);
  CHECK(record.checks.held()[0].foremost().severity == Severity::high);
  CHECK(record.targets[0].life == TargetLife::alive);
}

TEST_CASE("the textfile has no sample of a port or a round trip that nobody knows") {
  WatchProgress progress(3);
  const auto port = [](const char* name, const char* state) {
    return WatchSight{{Watched::port, "h", name}, state, ""};
  };
  (void)progress.states.see({port("tcp/1", "open"), port("tcp/2", "closed"), port("tcp/3", "unknown")}, unseen, 1, {});
  progress.trips["heard"].add({1, 1, Duration(1000), Duration(1000), Duration(1000)});
  progress.trips["silent"].add({1, 0, {}, {}, {}});
  const std::string path = std::filesystem::temp_directory_path() / ("watch-" + std::to_string(getpid()) + ".prom");
  REQUIRE(write_textfile(path, RunRecord(), progress));
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  const auto has = [&](const std::string& line) { return text.str().find(line + "\n") != std::string::npos; };
  CHECK(has(R"(audit_port_open{inventory="",target="h",endpoint="tcp/1"} 1)"));
  CHECK(has(R"(audit_port_open{inventory="",target="h",endpoint="tcp/2"} 0)"));
  CHECK(text.str().find("tcp/3") == std::string::npos);
  CHECK(has(R"(audit_target_loss_ratio{inventory="",target="silent"} 1)"));
  CHECK(has(R"(audit_target_rtt_seconds{inventory="",target="heard"} 1e-06)"));
  CHECK(text.str().find(R"(rtt_seconds{inventory="",target="silent")") == std::string::npos);
}

}  // namespace
}  // namespace audit::cli
