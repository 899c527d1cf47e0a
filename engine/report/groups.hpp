#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

// Views of a record for people: the same findings, put together by what a reader does next. They point at the record's
// rules, and it must outlive them; of its checks they hold as many as a page shows, however many there are. Order depends
// only on the record.

/// Names in the order of the record: how many there are, and the first of them.
class Names {
 public:
  static constexpr std::size_t most = 32;

  /// One more, where it is not the last again.
  void add(const std::string& name);
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] const std::vector<std::string>& first() const noexcept { return first_; }
  /// Alike for lists that are; that others have another is as good as certain.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> digest() const noexcept { return {count_, digest_}; }

 private:
  std::vector<std::string> first_;
  std::string last_;
  std::uint64_t count_ = 0;
  std::uint64_t digest_ = 0;
};

struct Failure {
  std::string target;
  Finding finding;
  std::string fingerprint;
  std::optional<WallTime> first_seen;  // where the run is one of a history
};

/// The failures of one severity, by rule (by id), each in the order of the record.
struct RuleFailures {
  static constexpr std::size_t most = 100;  // that are held
  std::string id;
  const RuleRecord* rule = nullptr;  // null where the record does not describe it
  std::uint64_t count = 0;
  std::vector<Failure> first;
};
struct SeverityFailures {
  Severity severity;
  std::uint64_t count = 0;
  std::vector<RuleFailures> rules;
};
/// The worst first; severities without a failure are absent.
[[nodiscard]] std::vector<SeverityFailures> failures_by_severity(const RunRecord& record);

/// Results that could not be judged for one reason. Rules that have the same targets to show for it are one group.
struct Unjudged {
  Status status;
  Reason reason;
  Names rules;
  Names targets;
  std::uint64_t results = 0;
  std::string message;                 // of the first
  bool varied = false;                 // others say something else
  std::uint64_t waived = 0;            // of the results
  std::optional<WallTime> first_seen;  // of the one that has been seen longest
};
/// Errors first, then not_reviewed; by reason, then the larger group first.
[[nodiscard]] std::vector<Unjudged> unjudged(const RunRecord& record);

/// "; 3 of 5 results waived", or "".
[[nodiscard]] std::string waived_part(const Unjudged& group);

/// "2026-11-01", in UTC.
[[nodiscard]] std::string day_of(WallTime time);
/// "; since 2026-11-01", or "".
[[nodiscard]] std::string since_part(const Unjudged& group);

/// Informational results of one rule that say the same.
struct Remark {
  std::string rule;
  std::string message;
  Names targets;
};
struct Remarks {
  static constexpr std::size_t most = 20'000;  // different ones that are held
  std::vector<Remark> groups;                  // by rule, then the larger group first
  std::uint64_t left_out = 0;                  // results that say something else, past that
};
[[nodiscard]] Remarks remarks(const RunRecord& record);

/// "sw-1, sw-2 and 12 more": the first `most` names or one over, `visible` and cut.
[[nodiscard]] std::string examples(const std::vector<std::string_view>& names, std::size_t most);
[[nodiscard]] std::string examples(const Names& names, std::size_t most);

/// What a rule came to: its checks by status.
struct Tally {
  std::string id;
  const RuleRecord* rule = nullptr;
  std::array<std::uint64_t, status_count> checks{};
};
[[nodiscard]] std::vector<Tally> tallies(const RunRecord& record);

/// What a target came to, in results.
struct Standing {
  std::uint64_t failures = 0;
  std::uint64_t unjudged = 0;       // error and not_reviewed
  Severity worst = Severity::info;  // of the failures
};
/// Targets that have a failure or something that was not judged.
[[nodiscard]] std::map<std::string, Standing> standings(const RunRecord& record);

}  // namespace audit::report
