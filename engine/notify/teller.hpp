#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "notify/backoff.hpp"
#include "notify/news.hpp"
#include "notify/stop.hpp"

namespace audit::notify {

/// Tells one notifier, on a thread of its own: whoever has news never waits for it. Holds a bounded number of them; what
/// comes while they wait is left out, counted, and said with the next that arrives. A thread that starts it has blocked
/// the signals that it does not want to be handled here.
class Teller {
 public:
  using Tell = std::function<Outcome(const News& news, Stop& stop)>;
  /// Of what waits, which is kept: all up to `most`, or only the latest, where that makes the others worthless.
  enum class Keep { all, latest };
  static constexpr std::size_t most = 20;

  Teller(Keep keep, Tell tell);
  ~Teller();
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void add(News news);
  /// Waits until all is told or given up, or `hurried`; then nothing waits any more.
  void finish(const std::function<bool()>& hurried);
  /// What came of those that were told or given up since; the last `most`, where nobody asks for long.
  [[nodiscard]] std::vector<Outcome> take_outcomes();
  /// How many it was never tried with: too many waited, or the end came before them.
  [[nodiscard]] std::uint64_t left_out() const;

 private:
  void work();
  void leave_out(std::size_t count);
  void settle(Outcome outcome, std::uint64_t said);

  Keep keep_;
  Tell tell_;
  Stop stop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<News> waiting_;
  std::deque<Outcome> outcomes_;
  std::uint64_t untold_ = 0;  // since it was told last: left out, or given up
  std::uint64_t left_out_ = 0;
  bool ended_ = false;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace audit::notify
