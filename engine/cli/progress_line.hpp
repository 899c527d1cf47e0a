#pragma once

#include <cstdint>
#include <string>

namespace audit::cli {

/// How far a run has come.
struct ProgressSight {
  std::uint64_t members = 0;  // addresses and names that the inventory covers
  std::uint64_t done = 0;
  std::uint64_t done_before = 0;  // of these, by an earlier process of the same run: they say nothing of the speed
  std::uint64_t checks = 0;
  std::uint64_t failures = 0;
  std::uint64_t unseen = 0;  // error and not_reviewed
  double seconds = 0;        // since this process began
};

/// One line of at most `width` columns: what does not fit is left out, the least telling first. Speed and time left are
/// said once there is something to judge them by.
[[nodiscard]] std::string progress_line(const ProgressSight& sight, std::size_t width);

}  // namespace audit::cli
