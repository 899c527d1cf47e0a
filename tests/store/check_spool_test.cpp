#include "store/check_spool.hpp"

#include <sys/resource.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "stored.hpp"

namespace audit::store {
namespace {

/// Its checks target by target, as a run's targets end.
std::vector<std::vector<Check>> by_target(RunRecord& record) {
  std::vector<std::vector<Check>> targets;
  for (Check& check : record.checks.held()) {
    if (targets.empty() || targets.back().front().target_ordinal != check.target_ordinal) targets.emplace_back();
    if (!targets.back().empty()) check.target = targets.back().front().target;
    targets.back().push_back(check);
  }
  return targets;
}

std::shared_ptr<CheckSpool> spooled(const std::vector<std::vector<Check>>& targets, std::size_t piece) {
  auto spool = std::make_shared<CheckSpool>(piece);
  for (const std::vector<Check>& checks : targets) spool->add(checks);
  spool->seal();
  return spool;
}

RunRecord with_checks(RunRecord record, const std::shared_ptr<CheckSpool>& spool) {
  record.checks = CheckList(std::shared_ptr<const KeptChecks>(spool));
  return record;
}

bool is_problem(const Finding& finding) {
  return finding.status == Status::fail || finding.status == Status::error || finding.status == Status::not_reviewed;
}

/// Lets no file grow beyond so many bytes, for a while.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit less{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &less);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("checks that come in any order, in pieces of any size, are walked in theirs, with all that they had") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    RunRecord record = storable(seed);
    std::vector<std::vector<Check>> targets = by_target(record);
    const std::string expected = bytes_of(record);
    std::mt19937 random(seed);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3'000}, CheckSpool::usual_piece}) {
      std::shuffle(targets.begin(), targets.end(), random);
      const auto spool = spooled(targets, piece);
      CHECK(spool->size() == record.checks.size());
      CHECK(bytes_of(with_checks(record, spool)) == expected);
    }
  }
}

TEST_CASE("a walk shows as much evidence as was asked for, and all the rest of a check") {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    INFO("seed " << seed);
    RunRecord record = storable(seed);
    const auto spool = spooled(by_target(record), 2'000);
    for (const Detail detail : {Detail::results, Detail::problems, Detail::all}) {
      RunRecord expected = record;
      for (Check& check : expected.checks.held())
        for (Finding& finding : check.results)
          if (detail == Detail::results || (detail == Detail::problems && !is_problem(finding)))
            finding.evidence.clear();
      RunRecord seen = record;
      std::vector<Check>& checks = seen.checks.held();
      checks.clear();
      const CheckList list{std::shared_ptr<const KeptChecks>(spool)};
      for (const Check& check : list.with(detail)) checks.push_back(check);
      CHECK(bytes_of(seen) == bytes_of(expected));
    }
  }
}

TEST_CASE("a walk for some statuses shows every check that has one, and no target without any") {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    INFO("seed " << seed);
    RunRecord record = storable(seed);
    const std::vector<std::vector<Check>> targets = by_target(record);
    for (std::uint8_t bits = 0; bits < 1U << status_count; ++bits) {
      const Statuses wanted = Statuses::from_bits(bits);
      const auto has_wanted = [&](const Check& check) {
        return std::any_of(check.results.begin(), check.results.end(),
                           [&](const Finding& finding) { return wanted.meets({finding.status}); });
      };
      RunRecord expected = record;
      expected.checks.held().clear();
      for (const std::vector<Check>& checks : targets)
        if (std::any_of(checks.begin(), checks.end(), has_wanted))
          for (const Check& check : checks) expected.checks.held().push_back(check);
      for (const std::size_t piece : {std::size_t{2'000}, CheckSpool::usual_piece}) {
        RunRecord seen = record;
        std::vector<Check>& checks = seen.checks.held();
        checks.clear();
        const CheckList list{std::shared_ptr<const KeptChecks>(spooled(targets, piece))};
        for (const Check& check : list.with(Detail::all, wanted)) checks.push_back(check);
        CHECK(bytes_of(seen) == bytes_of(expected));
      }
    }
  }
}

TEST_CASE("results of one target that come in two parts are walked as one, in the order of the rules") {
  RunRecord record;
  std::vector<std::vector<Check>> targets;
  auto largest = targets.end();
  for (std::uint32_t seed = 0; largest == targets.end() || largest->size() < 3; ++seed) {
    record = storable(seed);
    targets = by_target(record);
    largest = std::max_element(targets.begin(), targets.end(),
                               [](const auto& a, const auto& b) { return a.size() < b.size(); });
  }
  const auto middle = largest->begin() + static_cast<std::ptrdiff_t>(largest->size() / 2);
  std::vector<Check> second(middle, largest->end());
  largest->erase(middle, largest->end());
  targets.insert(targets.begin(), std::move(second));
  const std::string expected = bytes_of(record);
  for (const std::size_t piece : {std::size_t{1}, CheckSpool::usual_piece}) {
    const auto spool = spooled(targets, piece);
    CHECK(bytes_of(with_checks(record, spool)) == expected);
    const CheckList list{std::shared_ptr<const KeptChecks>(spool)};
    std::vector<std::uint64_t> ordinals;
    list.by_target(Detail::results,
                   [&](std::span<const Check> checks) { ordinals.push_back(checks[0].target_ordinal); });
    CHECK(std::adjacent_find(ordinals.begin(), ordinals.end(), std::greater_equal<>()) == ordinals.end());
  }
}

TEST_CASE("a spool that is sealed, added to and sealed once more has all of it") {
  RunRecord record = storable(11);
  const std::vector<std::vector<Check>> targets = by_target(record);
  const std::string expected = bytes_of(record);
  const auto spool = std::make_shared<CheckSpool>();
  const std::size_t half = targets.size() / 2;
  REQUIRE(half > 0);
  for (std::size_t i = 0; i < half; ++i) spool->add(targets[i]);
  spool->seal();
  for (std::size_t i = half; i < targets.size(); ++i) spool->add(targets[i]);
  spool->seal();
  spool->seal();
  CHECK(bytes_of(with_checks(record, spool)) == expected);
}

TEST_CASE("threads that add at the same time lose nothing") {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t each = 2'000;
  const auto spool = std::make_shared<CheckSpool>(20'000);
  std::vector<std::thread> adding;
  for (std::uint64_t thread = 0; thread < threads; ++thread)
    adding.emplace_back([&spool, thread] {
      for (std::uint64_t i = 0; i < each; ++i) {
        Check check;
        check.target_ordinal = i * threads + thread;
        check.target = "host-" + std::to_string(check.target_ordinal);
        check.rule = "a.rule";
        check.results.emplace_back().message = check.target;
        spool->add({check});
      }
    });
  for (std::thread& thread : adding) thread.join();
  spool->seal();
  std::uint64_t next = 0;
  for (const Check& check : CheckList(std::shared_ptr<const KeptChecks>(spool))) {
    REQUIRE(check.target_ordinal == next++);
    REQUIRE(check.results[0].message == check.target);
  }
  CHECK(next == threads * each);
}

TEST_CASE("what the disk does not take stays in memory") {
  RunRecord record = storable(5);
  const std::vector<std::vector<Check>> targets = by_target(record);
  const std::string expected = bytes_of(record);
  std::shared_ptr<CheckSpool> spool;
  {
    const FileLimit limit(2'000);
    spool = spooled(targets, 1);
  }
  CHECK(spool->bytes_on_disk() > 0);
  CHECK(spool->bytes_on_disk() <= 2'000);
  CHECK(bytes_of(with_checks(record, spool)) == expected);
}

TEST_CASE("a list that is kept can be changed once it is held") {
  RunRecord record = storable(7);
  RunRecord kept = with_checks(record, spooled(by_target(record), 1));
  kept.checks.held().pop_back();
  record.checks.held().pop_back();
  CHECK(kept.checks.size() == record.checks.size());
  CHECK(bytes_of(kept) == bytes_of(record));
}

}  // namespace audit::store
