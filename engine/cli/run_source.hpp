#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/observation_diff.hpp"
#include "base/result.hpp"
#include "base/run_diff.hpp"
#include "base/run_record.hpp"

namespace audit::cli {

/// A run to be compared: one of the history, a JSON report, or the one that has just ended. Walked once.
class RunSource {
 public:
  virtual ~RunSource() = default;
  [[nodiscard]] virtual DiffSide side() const = 0;
  /// What opens the same one again, whatever `last` is by then: the path of a report, or the id of a run.
  [[nodiscard]] virtual std::string name() const { return side().id; }
  /// Did it come to its end, see what it had to, and find no failure that nobody waived?
  [[nodiscard]] virtual bool sound() const = 0;
  /// Hands every target and every check to the comparison, as its earlier or its later side. Error: it cannot be read.
  [[nodiscard]] virtual Result<void> walk(Differ& differ, bool earlier) = 0;
  /// Since when failures have been seen, as RunRecord::first_seen. Valid as long as the source. Error: it cannot be read.
  [[nodiscard]] virtual Result<const std::map<std::string, WallTime>*> first_seen() = 0;
  /// Hands on what was observed of every target. Error: it cannot be read.
  using EachSight = std::function<void(TargetSight&&)>;
  [[nodiscard]] virtual Result<void> look(const EachSight& each) = 0;
};

/// What a comparison is about: what the rules found, or what was observed.
enum class Compared : std::uint8_t { findings, observations };

/// `word` is the path of a JSON report where it has a `/` or ends with .json, else a run of the history as `audit history`
/// names it, `last` counted from `before` where that is known. `state` may be "". What is not compared is not read. Errors
/// name the file or the directory.
[[nodiscard]] Result<std::unique_ptr<RunSource>> open_run(const std::string& word, const std::string& state,
                                                          Compared compared = Compared::findings,
                                                          std::optional<WallTime> before = {});
/// The record must outlive it.
[[nodiscard]] std::unique_ptr<RunSource> source_of(const RunRecord& record);
/// The newest complete run of the same scope that began before `record`; null where there is none.
[[nodiscard]] Result<std::unique_ptr<RunSource>> last_complete_before(const std::string& state,
                                                                      const std::string& scope,
                                                                      const RunRecord& record);

[[nodiscard]] Result<RunDiff> compare(RunSource& earlier, RunSource& later);
[[nodiscard]] Result<ObservationDiff> compare_observations(RunSource& earlier, RunSource& later);

}  // namespace audit::cli
