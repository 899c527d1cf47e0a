#pragma once

#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "cli/watch_states.hpp"
#include "notify/news.hpp"

namespace audit::cli {

/// A round of a watch as notifiers tell it: what it saw, and the changes that it confirmed.
struct RoundFacts {
  const RunRecord& record;  // as the round saw it
  int exit_code = 0;        // that a run would have ended with
  std::uint64_t number = 0;
  std::string previous;  // the id of the round before
};

/// A check that failed, and fails no more, was fixed; one that fails now is a new failure, but for what a waiver covers; a
/// check or target that is not seen any more is unknown; what failed, was unknown or down and is well again, recovered.
/// Without the waivers: those end on a day, not in a round.
[[nodiscard]] notify::News news_of(const RoundFacts& round, const std::vector<WatchChange>& changes);

}  // namespace audit::cli
