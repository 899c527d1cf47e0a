#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace audit::cli {

/// A text that outlives the process that keeps it, in memory that the processes of one supervisor share. Made before they
/// are started. One that dies while it writes leaves the text before.
class WatchMemory {
 public:
  WatchMemory();
  ~WatchMemory();
  WatchMemory(const WatchMemory&) = delete;
  WatchMemory& operator=(const WatchMemory&) = delete;

  /// False where it could not be kept.
  bool keep(std::string_view text);
  /// What was kept last, "" where nothing was.
  [[nodiscard]] std::string kept();

 private:
  std::array<int, 2> files_;  // written in turn
  std::uint64_t generation_ = 0;
};

}  // namespace audit::cli
