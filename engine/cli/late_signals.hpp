#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace audit::cli {

/// Hears SIGINT and SIGTERM while reports are written, on a thread of its own: the reader of a pipe may keep them for ever.
/// The one that ends the process does so at once, with 130 or 143: what is no file yet becomes none. Threads that are
/// started before have to have the signals blocked (`Attendant::block_signals`), and nobody else may wait for them.
class LateSignals {
 public:
  /// Which signal ends the process: the second after one that is answered in words, as after a run that came to its end; the
  /// first that does not come within a second, of somebody who pressed twice, where a signal has ended the run; or the first.
  enum class Ends : std::uint8_t { second, first_after_a_second, first };
  /// `command` is who says so, such as "audit run".
  LateSignals(std::string command, Ends ends);
  ~LateSignals();
  LateSignals(const LateSignals&) = delete;
  LateSignals& operator=(const LateSignals&) = delete;

 private:
  void listen();

  std::string command_;
  Ends ends_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::thread thread_;
};

}  // namespace audit::cli
