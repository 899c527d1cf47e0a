#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "audit/run.hpp"

namespace audit::cli {

/// Hears SIGINT and SIGTERM, which end a watch and the round that it is at, and SIGUSR1, which asks for a summary, on a
/// thread of its own. The signals must be blocked (`block`) before any thread is started.
class WatchSignals {
 public:
  WatchSignals();
  ~WatchSignals();
  WatchSignals(const WatchSignals&) = delete;
  WatchSignals& operator=(const WatchSignals&) = delete;

  static void block();

  /// Until then, or a stop: false. `summarize` is called here, once for each SIGUSR1 since, at least once after some.
  [[nodiscard]] bool wait_until(Instant then, const std::function<void()>& summarize);
  /// The round that a stop ends too.
  void begin(core::Run& run);
  void end();
  /// "SIGINT" or "SIGTERM", "" as long as there was none.
  [[nodiscard]] std::string stopped_by();

 private:
  void listen();
  void stop(const std::string& why);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string stopped_by_;
  bool summary_wanted_ = false;
  core::Run* run_ = nullptr;
  std::thread thread_;
};

}  // namespace audit::cli
