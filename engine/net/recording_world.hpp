#pragma once

#include <deque>

#include "net/outside.hpp"
#include "net/recorder.hpp"
#include "net/serial_world.hpp"

namespace audit::net {

/// Asks another world, and has everything that was asked and answered written down. What happens there is told in the
/// order in which it came, at the instant at which it came.
class RecordingWorld final : public SerialWorld {
 public:
  /// `recorder` outlives the world.
  RecordingWorld(asio::io_context& io, std::unique_ptr<Outside> outside, Recorder& recorder, const RunStart& start);
  ~RecordingWorld() override;

  [[nodiscard]] awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) override;
  void run() override;
  void stop_soon() override;

  [[nodiscard]] World& outside() noexcept { return outside_->world(); }
  [[nodiscard]] Recorder& recorder() noexcept { return recorder_; }
  /// The same deadline, by the clock outside.
  [[nodiscard]] Instant deadline_outside(Instant deadline);
  /// Runs an operation outside; when it has ended, `awaited` happens.
  void start(awaitable<void> operation, std::shared_ptr<Happening> awaited);

 protected:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant deadline) override;
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to, Instant deadline) override;
  [[nodiscard]] Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) override;
  [[nodiscard]] std::optional<Instant> next_happening(Instant timer, bool idle) override;
  [[nodiscard]] Instant catch_up(Instant at, std::uint64_t times) override;
  [[nodiscard]] std::shared_ptr<Happening> take_happening() override;
  void begin_probe(const std::shared_ptr<Probing>& probing) override;
  void probe_told(const Probing& probing) override;

 private:
  struct InnerSink;
  struct Stopping;
  struct Arrival {
    Instant when;
    std::shared_ptr<Happening> what;
  };
  void arrive(std::shared_ptr<Happening> what);

  std::unique_ptr<Outside> outside_;
  Recorder& recorder_;
  Duration shift_;  // from the clock here to the one outside
  std::deque<Arrival> arrivals_;
};

}  // namespace audit::net
