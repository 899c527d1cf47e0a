#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/time.hpp"

namespace audit::notify {

/// Ends the waiting of notifiers. Any thread.
class Stop {
 public:
  [[nodiscard]] const std::atomic<bool>& flag() const noexcept { return asked_; }
  void ask() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    changed_.notify_all();
  }
  /// False where it was asked for.
  [[nodiscard]] bool wait(Duration pause) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, pause, [&] { return asked_.load(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> asked_ = false;
};

}  // namespace audit::notify
