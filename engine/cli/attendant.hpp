#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/time.hpp"

namespace audit::cli {

/// Stands by a run on a thread of its own: hears SIGINT and SIGTERM, keeps the time limit, ticks for the progress line.
/// The signals must be blocked (block_signals) before any thread is started.
class Attendant {
 public:
  /// `stop(why)` is called at most once: "SIGINT", "SIGTERM" or "max-runtime". A signal that comes
  /// more than five seconds later ends the process. `tick` is called about five times a second. `limit` of zero is none.
  Attendant(std::function<void(const std::string&)> stop, std::function<void()> tick, Duration limit);
  ~Attendant();
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;

  static void block_signals();

 private:
  void attend();

  std::function<void(const std::string&)> stop_;
  std::function<void()> tick_;
  Duration limit_;
  std::thread thread_;
};

}  // namespace audit::cli
