#include "report/verdict.hpp"

#include <catch2/catch.hpp>

#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

RunRecord run_of(std::initializer_list<Status> statuses) {
  RunRecord record;
  record.run.complete = true;
  int target = 0;
  for (const Status status : statuses)
    add(record, check_of("a.rule", "host-" + std::to_string(++target), status, Reason::observed, "so"));
  return record;
}

}  // namespace

TEST_CASE("only a complete run that judged everything and failed nothing is called clean") {
  const Verdict verdict = verdict_of(run_of({Status::pass, Status::not_applicable, Status::informational}));
  CHECK(verdict.tone == Tone::clean);
  CHECK(verdict.headline == "Nothing wrong was found in what was asked");
  CHECK(verdict.detail.empty());
}

TEST_CASE("failures are counted with their targets") {
  RunRecord record = run_of({Status::pass, Status::fail, Status::fail});
  CHECK(verdict_of(record).tone == Tone::failed);
  CHECK(verdict_of(record).headline == "2 failures on 2 targets");
}

TEST_CASE("failures are told apart from the checks that they are results of") {
  RunRecord record = run_of({});
  Check check = check_of("a.rule", "one", Status::fail, Reason::observed, "");
  check.results.push_back(check.results.front());
  add(record, check);
  CHECK(verdict_of(record).headline == "2 failures in 1 check on 1 target");
}

TEST_CASE("a waived failure is still counted; where all are, the report is no longer loud") {
  const auto run_with = [](std::size_t waived) {
    RunRecord record = run_of({Status::pass, Status::fail, Status::fail});
    record.summary = {};
    std::vector<Check> checks = std::exchange(record.checks.held(), {});
    for (Check& check : checks) {
      if (check.status() == Status::fail && waived > 0) {
        check.results[0].waiver = "W-1";
        --waived;
      }
      add(record, std::move(check));
    }
    return verdict_of(record);
  };
  CHECK(run_with(1).headline == "2 failures on 2 targets (1 waived)");
  CHECK(run_with(1).tone == Tone::failed);
  CHECK(run_with(2).headline == "2 failures on 2 targets (2 waived)");
  CHECK(run_with(2).tone == Tone::partial);
}

TEST_CASE("checks of a host known to be away do not make a run incomplete, and are still not clean") {
  RunRecord record = run_of({Status::pass});
  Check away = check_of("a.rule", "away", Status::not_reviewed, Reason::unreachable, "");
  add(record, away);
  CHECK(verdict_of(record).tone == Tone::incomplete);
  away.target = "known";
  away.results[0].waiver = "W-1";
  RunRecord known = run_of({Status::pass});
  add(known, away);
  CHECK(verdict_of(known).tone == Tone::partial);
  CHECK(verdict_of(known).headline ==
        "No failure was found, but 1 of 2 checks could not be judged (1 of hosts known to be away)");
}

TEST_CASE("counts of waived results that the checks do not bear out make a report unsound") {
  RunRecord record = run_of({Status::pass, Status::fail});
  record.summary.waived = 1;
  CHECK(verdict_of(record).headline.find("do not rely on this report") != std::string::npos);
}

TEST_CASE("a run that was cut short says so before its failures") {
  RunRecord record = run_of({Status::pass, Status::fail, Status::not_reviewed});
  record.run.complete = false;
  record.run.stopped_by = "SIGINT";
  const Verdict verdict = verdict_of(record);
  CHECK(verdict.tone == Tone::incomplete);
  CHECK(verdict.headline == "Incomplete: the run was stopped by SIGINT");
  CHECK(verdict.detail == "1 of 3 checks could not be judged; 1 failure on 1 target so far");
}

TEST_CASE("coverage below what is required is incomplete, and never rounded up to it") {
  RunRecord record = run_of({Status::error});
  record.summary.planned = 100'001;
  record.summary.checks[static_cast<std::size_t>(Status::pass)] = 100'000;
  for (int i = 0; i < 100'000; ++i)
    record.checks.held().push_back(check_of("a.rule", "h", Status::pass, Reason::closed, ""));
  record.summary.results = record.summary.checks;
  const Verdict verdict = verdict_of(record);
  CHECK(verdict.headline == "Incomplete: 99.9 % of the plan was judged, 100 % is required");
  CHECK(verdict.detail == "1 of 100001 checks could not be judged");
}

TEST_CASE("what was not judged is in the headline where the inventory asks for less than everything") {
  RunRecord record = run_of({Status::pass, Status::error});
  record.require_coverage = 0.5;
  CHECK(verdict_of(record).tone == Tone::partial);
  CHECK(verdict_of(record).headline == "No failure was found, but 1 of 2 checks could not be judged");
}

TEST_CASE("a run without a plan, or without anything to judge, is not clean") {
  CHECK(verdict_of(run_of({})).headline == "Incomplete: nothing was planned, so nothing was asked");
  CHECK(verdict_of(run_of({Status::informational, Status::not_applicable})).headline == "Nothing was found to judge");
}

TEST_CASE("counts that disagree with the checks are said before anything else") {
  RunRecord record = run_of({Status::pass, Status::pass});
  ++record.summary.planned;
  CHECK(verdict_of(record).headline ==
        "Incomplete: the counts do not agree with the checks: do not rely on this report");
  record = run_of({Status::pass, Status::fail});
  std::swap(record.summary.checks[0], record.summary.checks[2]);
  CHECK(verdict_of(record).tone == Tone::incomplete);
}
