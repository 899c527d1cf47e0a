#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/model.hpp"

namespace audit {

/// A failed result, as a comparison of two runs names it.
struct DiffItem {
  std::string fingerprint;
  std::string rule;
  std::string target;
  std::string endpoint;
  std::string key;
  Severity severity = Severity::info;  // in the later run, or the earlier where it has none
  std::string message;                 // likewise
  std::string was;                     // what the earlier run said, where it says something else
  std::string waiver;
  std::optional<WallTime> first_seen;  // the start of the first run that had it, where a history knows
  std::optional<WallTime> last_seen;   // of the last one: the later run, or the earlier where it was fixed since
};

/// What a check was before, and is not known to be any more.
struct UnknownItem {
  std::string rule;
  std::string target;
  Status was = Status::pass;
  Status now = Status::not_reviewed;
  Reason reason = Reason::stopped;
  std::string message;
};

/// The two ends of a comparison.
struct DiffSide {
  std::string id;
  WallTime started{};
  bool complete = false;
  std::string program;                       // its version
  std::string inventory;                     // its sha256
  std::map<std::string, std::string> rules;  // id to sha256
};

/// What became different from one run to the next. What was not seen this time is `unknown`, never fixed.
struct RunDiff {
  DiffSide before;
  DiffSide after;
  std::vector<DiffItem> fresh;       // fails now, and did not, or was waived
  std::vector<DiffItem> fixed;       // failed, and was looked at again
  std::vector<DiffItem> changed;     // fails still, in other words or for other evidence
  std::vector<DiffItem> same;        // fails as it did
  std::vector<DiffItem> open;        // failed, and was not looked at again: of checks among the unknown ones
  std::uint64_t still = 0;           // fails still: the same and the changed ones
  std::vector<UnknownItem> unknown;  // was judged, and is not now
  std::uint64_t still_unknown = 0;   // checks that neither run could judge
  std::vector<std::string> targets_came;
  std::vector<std::string> targets_went;
  std::uint64_t failures_went = 0;  // that failed on targets or by rules that are not asked any more: not fixed
  std::vector<std::string> rules_came;
  std::vector<std::string> rules_went;
  std::vector<std::string> rules_changed;

  /// New failures that no waiver covers, at this severity or above.
  [[nodiscard]] std::uint64_t fresh_at(Severity least) const;
  [[nodiscard]] bool scope_changed() const;
  /// 0 the same, 1 new failures, 2 unknown now, 3 both.
  [[nodiscard]] int exit_code() const;
};

/// Compares two runs in one pass over each: first all of the earlier one, then all of the later one, in any order. Keeps a
/// few bytes a check, and whole only what fails.
class Differ {
 public:
  /// One side has no evidence: only words and severities tell what changed. From now on.
  void compare_words_only() { words_only_ = true; }
  void before(const Check& check);
  void before_target(const std::string& id);
  void after(const Check& check);
  void after_target(const std::string& id);
  /// Since when failures have been seen, as each side's history knows (RunRecord::first_seen); they outlive `finish`.
  using FirstSeen = std::map<std::string, WallTime>;
  void first_seen(const FirstSeen& before, const FirstSeen& after);
  [[nodiscard]] RunDiff finish(DiffSide before, DiffSide after);

 private:
  struct Earlier {
    DiffItem item;
    std::uint64_t evidence = 0;
    bool met = false;
  };
  struct CheckState {
    Status status = Status::pass;
    bool unseen = false;  // some of it, at least
    bool asked_again = false;
    bool unseen_again = false;
    Status now = Status::pass;
  };
  std::unordered_map<std::uint64_t, CheckState> checks_;
  std::unordered_map<std::string, Earlier> failures_;  // of the earlier run, by fingerprint
  std::unordered_map<std::string, bool> targets_;      // of the earlier run: met again?
  void date(DiffItem& item, WallTime last) const;

  RunDiff diff_;
  bool words_only_ = false;
  const FirstSeen* before_seen_ = nullptr;
  const FirstSeen* after_seen_ = nullptr;
};

/// What a result rests on, without what differs each time: times, ports of our own, dates that servers send.
[[nodiscard]] std::uint64_t stable_digest(const Finding& finding);

}  // namespace audit
