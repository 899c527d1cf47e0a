#pragma once

#include <chrono>
#include <thread>

namespace audit::cli {

/// Hears SIGINT and SIGTERM while the reports of an ended run are written, on a thread of its own: the reader of a pipe may
/// keep them for ever. The first signal is answered in words, the second ends the process at once with 130 or 143: what is
/// no file yet becomes none. The signals must be blocked (`Attendant::block_signals`), and nobody else may wait for them.
class LateSignals {
 public:
  /// `stopped`: a signal has ended the run, so the next is the second; but not where it comes within a second, of somebody
  /// who pressed twice.
  explicit LateSignals(bool stopped);
  ~LateSignals();
  LateSignals(const LateSignals&) = delete;
  LateSignals& operator=(const LateSignals&) = delete;

 private:
  void listen();

  bool stopped_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::thread thread_;
};

}  // namespace audit::cli
