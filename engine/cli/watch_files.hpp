#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace audit::cli {

/// What Lua files there are at some paths, and when they last changed.
class WatchedFiles {
 public:
  explicit WatchedFiles(std::vector<std::string> paths) : paths_(std::move(paths)) { (void)changed(); }

  /// The files that came, went or changed since this was asked last.
  [[nodiscard]] std::set<std::string> changed();

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;
  std::vector<std::string> paths_;
  std::map<std::string, Stamp> known_;
};

/// SIGINT and SIGTERM are noted rather than end the process, from now on.
void note_signals();
/// The signal that came, or 0.
[[nodiscard]] int noted_signal() noexcept;

}  // namespace audit::cli
