#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "audit/run.hpp"

namespace audit::cli {

/// Hears SIGINT and SIGTERM, which end a watch and the round that it is at, SIGUSR1, which asks for a summary, and SIGHUP,
/// which asks to read everything again, or ends the watch where it says that its terminal is gone; on a thread of its own. The signals must be blocked (`block`) before any thread is started.
class WatchSignals {
 public:
  WatchSignals();
  ~WatchSignals();
  WatchSignals(const WatchSignals&) = delete;
  WatchSignals& operator=(const WatchSignals&) = delete;

  static void block();

  /// What is done on this thread, between two rounds, where it was asked for: once, however often that was.
  struct Asked {
    std::function<void()> summarize;
    std::function<void()> reload;
  };
  /// Until then, or a stop: false.
  [[nodiscard]] bool wait_until(Instant then, const Asked& asked);
  /// The round that a stop ends too.
  void begin(core::Run& run);
  void end();
  /// "SIGINT", "SIGTERM" or "SIGHUP", "" as long as there was none.
  [[nodiscard]] std::string stopped_by();

 private:
  void listen();
  void want(bool& what);
  /// Does what was asked for; false where nothing was.
  [[nodiscard]] bool serve(std::unique_lock<std::mutex>& lock, const Asked& asked);
  void stop(const std::string& why);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string stopped_by_;
  bool summary_wanted_ = false;
  bool reload_wanted_ = false;
  bool on_terminal_;
  core::Run* run_ = nullptr;
  std::thread thread_;
};

}  // namespace audit::cli
