#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/watch_progress.hpp"
#include "cli/watch_round.hpp"
#include "cli/watch_work.hpp"

namespace audit::cli {

/// What a watch says: changes and summaries on standard output, a line each, for people or as JSON; notices and, on a
/// terminal, how it stands on standard error.
class WatchOutput {
 public:
  WatchOutput(bool json, bool quiet);

  /// The first round's are the baseline: of that people are told every target, the open ports, and the checks that fail
  /// or are unknown; programs everything.
  void changes(const std::vector<WatchChange>& changes);
  /// How a round went, how many it made skip, and what it says of itself that no round said before.
  void round(const WatchRound& round, const WatchProgress& progress, std::uint64_t skipped, Duration every);
  void summary(const WatchProgress& progress);
  /// The inventory and the rules were read again.
  void reloaded(const WatchDifference& difference, std::uint64_t rounds);
  /// For people, whatever they want to hear.
  void note(const std::string& line);
  /// False where standard output takes no more.
  [[nodiscard]] bool flush();

 private:
  void tell(const std::string& line);  // on standard error
  void draw(const WatchProgress& progress);
  void clear();

  bool json_;
  bool quiet_;
  bool on_terminal_;
  bool drawn_ = false;
  std::set<std::string> told_;
};

}  // namespace audit::cli
