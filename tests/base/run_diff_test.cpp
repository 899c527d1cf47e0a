#include "base/run_diff.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

#include "base/fingerprint.hpp"

namespace audit {
namespace {

Check check_of(const std::string& rule, const std::string& target, Status status, const std::string& message = "m",
               const std::string& endpoint = "") {
  Check check;
  check.rule = rule;
  check.target = target;
  Finding finding;
  finding.status = status;
  finding.reason = Reason::observed;
  finding.severity = Severity::high;
  finding.message = message;
  finding.endpoint = endpoint;
  check.results.push_back(finding);
  return check;
}

RunDiff diff_of(const std::vector<Check>& before, const std::vector<Check>& after) {
  Differ differ;
  DiffSide earlier;
  DiffSide later;
  earlier.complete = later.complete = true;
  std::set<std::string> targets;
  for (const Check& check : before) {
    if (targets.insert(check.target).second) differ.before_target(check.target);
    differ.before(check);
    earlier.rules[check.rule] = "1";
  }
  targets.clear();
  for (const Check& check : after) {
    if (targets.insert(check.target).second) differ.after_target(check.target);
    differ.after(check);
    later.rules[check.rule] = "1";
  }
  return differ.finish(earlier, later);
}

}  // namespace

TEST_CASE("what fails now and did not is new, whatever it was before") {
  for (const Status then :
       {Status::pass, Status::not_applicable, Status::informational, Status::error, Status::not_reviewed}) {
    const RunDiff diff = diff_of({check_of("r.a", "x", then)}, {check_of("r.a", "x", Status::fail)});
    REQUIRE(diff.fresh.size() == 1);
    CHECK(diff.exit_code() == 1);
    CHECK(diff.fresh.front().was ==
          (then == Status::error || then == Status::not_reviewed ? "unknown" : name_of(then)));
  }
  CHECK(diff_of({}, {check_of("r.a", "x", Status::fail)}).fresh.front().was == "not asked");
}

TEST_CASE("a failure that was not looked at this time is unknown, never fixed") {
  for (const Status now : {Status::error, Status::not_reviewed}) {
    const RunDiff diff = diff_of({check_of("r.a", "x", Status::fail)}, {check_of("r.a", "x", now)});
    CHECK(diff.fixed.empty());
    REQUIRE(diff.unknown.size() == 1);
    CHECK(diff.unknown.front().was == Status::fail);
    CHECK(diff.open.size() == 1);
    CHECK(diff.exit_code() == 2);
  }
}

TEST_CASE("a failure of which this time only another part of its check was seen is unknown") {
  const Check before = check_of("r.a", "x", Status::fail, "m", "tcp/10.0.0.1:1");
  Check after = check_of("r.a", "x", Status::fail, "m", "tcp/10.0.0.1:2");
  after.results.push_back(check_of("r.a", "x", Status::error, "gone", "tcp/10.0.0.1:1").results.front());
  const RunDiff diff = diff_of({before}, {after});
  CHECK(diff.fixed.empty());
  CHECK(diff.fresh.size() == 1);
  CHECK(diff.unknown.size() == 1);
  CHECK(diff.open.size() == 1);
  CHECK(diff.exit_code() == 3);
}

TEST_CASE("a failure whose target or rule is not asked any more is neither fixed nor unknown") {
  const RunDiff diff = diff_of({check_of("r.a", "x", Status::fail), check_of("r.a", "y", Status::pass)},
                               {check_of("r.a", "y", Status::pass)});
  CHECK(diff.fixed.empty());
  CHECK(diff.unknown.empty());
  CHECK(diff.failures_went == 1);
  CHECK(diff.targets_went == std::vector<std::string>{"x"});
  CHECK(diff.exit_code() == 0);
}

TEST_CASE("a failure in other words is the same one, changed") {
  const RunDiff diff =
      diff_of({check_of("r.a", "x", Status::fail, "one")}, {check_of("r.a", "x", Status::fail, "two")});
  CHECK(diff.still == 1);
  REQUIRE(diff.changed.size() == 1);
  CHECK(diff.changed.front().was == "one");
  CHECK(diff.exit_code() == 0);
}

TEST_CASE("times and ports of our own do not make a finding another one") {
  const auto with = [](double time, std::int64_t bits) {
    Check check = check_of("r.a", "x", Status::fail);
    auto observation = std::make_shared<Observation>();
    observation->probe = "port";
    observation->local = std::to_string(time);
    observation->elapsed = std::chrono::milliseconds(bits);
    observation->fields = Value::Object{{"connect_time", time}, {"bits", bits}};
    check.results.front().evidence.push_back({"", observation, {}});
    return check;
  };
  CHECK(diff_of({with(0.1, 1024)}, {with(0.7, 1024)}).changed.empty());
  CHECK(diff_of({with(0.1, 1024)}, {with(0.1, 2048)}).changed.size() == 1);
}

TEST_CASE("a waived new failure does not fail a run, and is told") {
  Check after = check_of("r.a", "x", Status::fail);
  after.results.front().waiver = "W-1";
  const RunDiff diff = diff_of({check_of("r.a", "x", Status::pass)}, {after});
  CHECK(diff.fresh.size() == 1);
  CHECK(diff.exit_code() == 0);
}

TEST_CASE("a failure that is waived no more is new, as long as it is there") {
  const Check bare = check_of("r.a", "x", Status::fail);
  Check waived = bare;
  waived.results.front().waiver = "W-1";
  const RunDiff ended = diff_of({waived}, {bare});
  REQUIRE(ended.fresh.size() == 1);
  CHECK(ended.fresh.front().was == "waived: W-1");
  CHECK(ended.still == 0);
  CHECK(ended.exit_code() == 1);
  for (const RunDiff& diff : {diff_of({waived}, {waived}), diff_of({bare}, {waived}), diff_of({bare}, {bare})}) {
    CHECK(diff.fresh.empty());
    CHECK(diff.still == 1);
    CHECK(diff.exit_code() == 0);
  }
}

TEST_CASE("every failure of the earlier run ends in exactly one place, and so does every one of the later") {
  std::mt19937 random(17);
  const auto some = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  for (int round = 0; round < 2'000; ++round) {
    const auto run = [&] {
      std::vector<Check> checks;
      for (const char* rule : {"r.a", "r.b", "r.c"})
        for (const char* target : {"x", "y", "z"})
          if (some(4) > 0) {
            Check check =
                check_of(rule, target, static_cast<Status>(some(status_count)), std::to_string(some(2)), "e1");
            if (some(3) == 0)
              check.results.push_back(
                  check_of(rule, target, static_cast<Status>(some(status_count)), "0", "e2").results.front());
            for (Finding& finding : check.results)
              if (finding.status == Status::fail && some(4) == 0) finding.waiver = "W-1";
            checks.push_back(check);
          }
      return checks;
    };
    const std::vector<Check> before = run();
    const std::vector<Check> after = run();
    const RunDiff diff = diff_of(before, after);
    const auto failures = [](const std::vector<Check>& checks) {
      std::set<std::string> found;
      for (const Check& check : checks)
        for (const Finding& finding : check.results)
          if (finding.status == Status::fail) found.insert(fingerprint_of(check, finding));
      return found;
    };
    const std::set<std::string> then = failures(before);
    const std::set<std::string> now = failures(after);
    CHECK(diff.fresh.size() + diff.still == now.size());
    std::size_t waived_no_more = 0;
    for (const DiffItem& item : diff.fresh) {
      CHECK(now.contains(item.fingerprint));
      CHECK(then.contains(item.fingerprint) == (item.was == "waived: W-1"));
      waived_no_more += then.contains(item.fingerprint) ? 1 : 0;
    }
    for (const DiffItem& item : diff.changed)
      CHECK((now.contains(item.fingerprint) && then.contains(item.fingerprint)));
    std::map<std::pair<std::string, std::string>, const Check*> asked;
    for (const Check& check : after) asked[{check.rule, check.target}] = &check;
    for (const DiffItem& item : diff.fixed) {
      CHECK(then.contains(item.fingerprint));
      CHECK_FALSE(now.contains(item.fingerprint));
      const Check* check = asked.at({item.rule, item.target});
      for (const Finding& finding : check->results)
        CHECK((finding.status != Status::error && finding.status != Status::not_reviewed));
    }
    CHECK(diff.fixed.size() + diff.still + diff.failures_went <= then.size());
    std::set<std::pair<std::string, std::string>> unknown;
    for (const UnknownItem& item : diff.unknown) unknown.insert({item.rule, item.target});
    std::size_t left = then.size() - diff.fixed.size() - diff.still - diff.failures_went - waived_no_more;
    for (const Check& check : before)
      for (const Finding& finding : check.results) {
        const bool gone = finding.status == Status::fail && !now.contains(fingerprint_of(check, finding));
        if (gone && unknown.contains({check.rule, check.target})) --left;
      }
    CHECK(left == 0);
  }
}

}  // namespace audit
