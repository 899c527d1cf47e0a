#pragma once

#include <chrono>

#include "cli/collector.hpp"

namespace audit::cli {

/// One line on standard error, rewritten while a run goes on; nothing at all where that is no terminal, or --quiet.
class Progress {
 public:
  Progress(const Live& live, std::uint64_t members, bool quiet);
  ~Progress() { clear(); }
  void draw();
  void clear();

 private:
  const Live& live_;
  std::uint64_t members_;
  std::uint64_t done_before_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace audit::cli
