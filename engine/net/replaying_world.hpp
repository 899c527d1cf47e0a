#pragma once

#include <atomic>
#include <queue>

#include "net/recording.hpp"
#include "net/serial_world.hpp"

namespace audit::net {

/// Answers from a transcript, on a clock that jumps, and opens no socket. What was never recorded ends as not_recorded.
class ReplayingWorld final : public SerialWorld {
 public:
  /// `recording` outlives the world.
  ReplayingWorld(asio::io_context& io, Recording& recording);

  [[nodiscard]] awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) override;
  void stop_soon() override { stop_wanted_ = true; }

  [[nodiscard]] Recording& recording() noexcept { return recording_; }
  /// False where the run was stopped meanwhile.
  [[nodiscard]] awaitable<bool> wait_until(Instant when);
  void schedule(Instant when, std::shared_ptr<Happening> what);

 protected:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant deadline) override;
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to, Instant deadline) override;
  [[nodiscard]] Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) override;
  [[nodiscard]] std::optional<Instant> next_happening(Instant timer, bool idle) override;
  [[nodiscard]] Instant catch_up(Instant at, std::uint64_t times) override;
  [[nodiscard]] std::shared_ptr<Happening> take_happening() override;
  void begin_probe(const std::shared_ptr<Probing>& probing) override;

 private:
  struct Stopping;
  struct Scheduled {
    Instant when;
    std::uint64_t number;
    std::shared_ptr<Happening> what;
    bool operator<(const Scheduled& other) const {  // the earliest is the greatest
      return when != other.when ? when > other.when : number > other.number;
    }
  };
  /// Waits for what an opening came to. An error where it failed, or nobody knows.
  [[nodiscard]] awaitable<Result<void>> opened(const Exchange& exchange, std::string whom, Instant deadline);

  Recording& recording_;
  std::priority_queue<Scheduled> scheduled_;
  std::uint64_t number_ = 0;
  std::size_t put_forward_ = 0;  // so often, so far
  std::atomic<bool> stop_wanted_{false};
};

}  // namespace audit::net
