#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::net {

/// How long who asks at `now` waits; zero where for ever, or not at all.
[[nodiscard]] inline Duration patience_of(Instant now, Instant deadline) {
  return deadline == never ? Duration::zero() : std::max(deadline, Instant{}) - now;
}

/// Something outside that ends an operation; told to whoever waits for it in its turn.
class Happening {
 public:
  Happening() = default;
  Happening(const Happening&) = delete;
  Happening& operator=(const Happening&) = delete;
  virtual ~Happening() = default;
  virtual void told() = 0;
};

/// One that a coroutine waits for.
class Awaited : public Happening {
 public:
  void told() final;
  /// Ends the wait as if its deadline had passed.
  void cancel();

 private:
  friend class SerialWorld;
  Sleeper* sleeper_ = nullptr;
};

/// A world in which one thing happens at a time, on a clock that stands still in between, and where randomness comes from
/// a seed: what runs in it depends on nothing but what it is told, and when. A replay that tells it the same at the same
/// instants gets the same. One shard of its own, on its thread.
class SerialWorld : public World {
 public:
  SerialWorld(asio::io_context& io, WallTime started, std::string random_seed, std::uint32_t port_lanes);

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] WallTime wall() const override;
  void random(std::span<std::uint8_t> bytes) override;
  [[nodiscard]] bool port_lane_free() const override { return in_flight_ < port_lanes_; }
  [[nodiscard]] std::string why_no_echo(Family family) const override {
    return why_no_echo_[static_cast<std::size_t>(family)];
  }
  void run() override;

  /// signalled, or stopped; deadline where it was cancelled.
  [[nodiscard]] awaitable<Wake> wait_for(Awaited& awaited);
  [[nodiscard]] Duration since_start() const { return now_ - first_; }
  /// Of the next operation.
  [[nodiscard]] std::uint64_t take_ordinal() noexcept { return ordinal_++; }

  /// The clock of every run begins here.
  static constexpr Instant first_{std::chrono::hours(1)};

 protected:
  [[nodiscard]] bool repeats_randomness() const noexcept override { return true; }
  void do_random_for(std::string_view purpose, std::span<std::uint8_t> bytes) override;
  /// A port probe on its way; told once.
  class Probing final : public Happening, private DeadlineList::Entry {
   public:
    Probing(SerialWorld& world, PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline);
    ~Probing() override { world_.deadlines().remove(*this); }
    void told() override;
    /// Before the call that began it has returned.
    void told_at_once() {
      at_once_ = true;
      told();
    }
    [[nodiscard]] const Endpoint& to() const noexcept { return to_; }
    [[nodiscard]] Instant began() const noexcept { return began_; }
    [[nodiscard]] Instant deadline() const noexcept { return deadline_; }
    [[nodiscard]] std::uint64_t ordinal() const noexcept { return ordinal_; }
    [[nodiscard]] bool at_once() const noexcept { return at_once_; }
    PortAnswer answer;

   private:
    void expired(Expiry why) override;
    SerialWorld& world_;
    PortSink& sink_;
    std::uint32_t token_;
    Endpoint to_;
    Instant began_;
    Instant deadline_;
    std::uint64_t ordinal_;
    bool at_once_ = false;
    bool done_ = false;
  };

  /// Waits for what happens next, but not beyond `timer`: its instant, `never` where nothing does before that, nothing
  /// where nothing ever will. `idle`: nobody waits for anything outside.
  [[nodiscard]] virtual std::optional<Instant> next_happening(Instant timer, bool idle) = 0;
  /// Where the clock is to be before what comes next, which is of the instant `at`, after `times` others of that instant;
  /// zero where it is right.
  [[nodiscard]] virtual Instant catch_up(Instant at, std::uint64_t times) = 0;
  /// What happens at the instant that `next_happening` said.
  [[nodiscard]] virtual std::shared_ptr<Happening> take_happening() = 0;
  virtual void begin_probe(const std::shared_ptr<Probing>& probing) = 0;
  virtual void probe_told(const Probing& /*probing*/) {}
  void do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                     KeptConnections* kept) final;
  void note_no_echo(Family family, std::string why) { why_no_echo_[static_cast<std::size_t>(family)] = std::move(why); }

 private:
  void fill(std::string_view purpose, std::uint64_t block, std::span<std::uint8_t> bytes) const;

  Instant now_ = first_;
  WallTime started_;
  std::string random_seed_;
  std::uint64_t blocks_ = 0;
  std::array<std::uint8_t, 32> noise_{};
  std::size_t noise_left_ = 0;
  std::uint32_t port_lanes_;
  std::uint32_t in_flight_ = 0;
  std::uint64_t awaited_ = 0;
  std::uint64_t ordinal_ = 0;
  std::array<std::string, 2> why_no_echo_;
};

}  // namespace audit::net
