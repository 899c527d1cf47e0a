#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/day.hpp"
#include "base/run_record.hpp"
#include "base/status.hpp"
#include "base/time.hpp"

namespace audit::notify {

struct Failure {
  Severity severity = Severity::info;
  std::string rule;
  std::string target;
  std::string endpoint;  // "" where it is about the whole target
  std::string message;
};

/// Failures, counted by severity; the first of them in full, as they were added.
struct FailureList {
  static constexpr std::size_t most = 50;

  std::array<std::uint64_t, severity_count> by_severity{};
  std::vector<Failure> first;

  void add(Failure failure);
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t count_from(Severity severity) const;
  [[nodiscard]] std::uint64_t more() const { return count() - first.size(); }
};

/// What is different from the last complete run.
struct Change {
  std::string previous;  // the id of that run
  FailureList new_failures;
  std::uint64_t fixed = 0;             // failed then, and pass now
  std::uint64_t unknown_now = 0;       // seen then, and not now
  std::uint64_t changed_evidence = 0;  // of the same status, on other evidence
  bool recovered = false;  // the run before had unwaived failures or was incomplete, and this one is clean and complete

  [[nodiscard]] bool changed() const;
};

struct ExpiringWaiver {
  std::string id;
  std::string rule;
  Day expires{};  // its last day
  std::int64_t days_left = 0;
};

/// A state that a watch confirmed, other than the one before.
struct Flip {
  std::string kind;  // "target", "port", "check"
  std::string target;
  std::string name;  // the endpoint of a port, the rule of a check
  std::string from;  // "pass", "up", "open", … or "new"
  std::string to;
  std::string message;
};

/// What a round of a watch confirmed.
struct Round {
  static constexpr std::size_t most = 50;

  std::uint64_t number = 0;
  std::uint64_t flips = 0;
  std::vector<Flip> first;
  std::uint64_t untold = 0;  // rounds with news that this notifier was not told of, since it was told last

  void add(Flip flip);
  [[nodiscard]] std::uint64_t more() const { return flips - first.size(); }
};

enum class Event : std::uint8_t { start, end, test, round };

/// What a run came to, as notifiers tell it. Texts are as they came: the bodies make them safe (law 7).
struct News {
  Event event = Event::end;
  std::string version;  // of the program
  std::string id;       // of the run
  std::string host;     // that it ran on
  std::string inventory_name;
  std::string inventory_path;
  WallTime started{};
  WallTime finished{};
  bool complete = false;   // neither cut short nor below the coverage that is required, and something was planned
  std::string stopped_by;  // "SIGINT", "max-runtime", … where it was cut short
  int exit_code = 0;
  Summary summary;
  double require_coverage = 1.0;
  FailureList failures;  // those that no waiver covers, the most severe first
  std::vector<ExpiringWaiver> waivers;
  std::optional<Change> change;  // none where there is no earlier run to compare with
  std::optional<Round> round;    // of a watch; its `change` is then what the round confirmed

  /// Did the audit do its work, whatever it found? What a dead-man's switch wants to know.
  [[nodiscard]] bool did_its_work() const;
};

}  // namespace audit::notify
