#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/asio.hpp"
#include "net/deadline_list.hpp"
#include "net/echo.hpp"
#include "net/permit.hpp"
#include "net/stream.hpp"

namespace audit::net {

class KeptConnections;
class Tracer;

/// What one attempt to connect to a port met.
enum class PortEvent : std::uint8_t {
  open,          // SYN-ACK
  closed,        // RST
  silent,        // the deadline passed
  unreachable,   // an ICMP error came: no way there, or a firewall rejects it
  fault,         // this machine could not ask: descriptors, ports, memory, route
  stopped,       // the run ended
  forbidden,     // out of scope: nothing was sent
  not_recorded,  // the transcript holds no answer
};

struct PortAnswer {
  PortEvent event = PortEvent::fault;
  Duration took{};
  int fault_number = 0;  // errno, where event is fault or unreachable
};

/// Who asked about a port. Lives until every probe it started was answered.
class PortSink {
 public:
  virtual void answered(std::uint32_t token, const PortAnswer& answer) = 0;

 protected:
  ~PortSink() = default;
};

/// The one seam between the engine and everything outside: sockets, names, clock, randomness. Kernel, scripted,
/// recording and replaying worlds implement the `do_` half; the public half tests the permit first, so that nothing
/// leaves without (law 3). One per shard, on its thread.
class World {
 public:
  explicit World(asio::io_context& io) : io_(io) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
  virtual void random(std::span<std::uint8_t> bytes) = 0;
  /// Of what is sent: `purpose` says what for and to whom, or makes the text that does, where it matters. A recorded run
  /// and its replay give equal bytes for equal purposes, whatever else either asks.
  void random_for(std::string_view purpose, std::span<std::uint8_t> bytes) {
    repeats_randomness() ? do_random_for(purpose, bytes) : random(bytes);
  }
  template <std::invocable Purpose>
  void random_for(Purpose purpose, std::span<std::uint8_t> bytes) {
    repeats_randomness() ? do_random_for(purpose(), bytes) : random(bytes);
  }

  /// Errors: refused reset timeout unreachable out_of_scope local_fault stopped.
  /// One that is in `kept` is taken over.
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> connect(Endpoint to, const Permit& permit, Instant deadline,
                                                                   KeptConnections* kept = nullptr);
  /// Waits its turn, and asks again where this machine is at fault. Errors: out_of_scope local_fault stopped.
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> open_datagram(Endpoint to, const Permit& permit,
                                                                           Instant deadline);
  /// For ICMP echoes of `size` bytes of payload (least_echo to largest_echo); waits for nothing. Errors: out_of_scope,
  /// stopped, local_fault.
  [[nodiscard]] Result<std::unique_ptr<Echo>> open_echo(const IpAddress& to, const Permit& permit,
                                                        std::size_t size = usual_echo);
  /// Why this machine gives nobody here an ICMP socket of that family, once `open_echo` has met it; else "".
  [[nodiscard]] virtual std::string why_no_echo(Family family) const = 0;
  /// One connection attempt, closed as soon as it is answered: no coroutine, no allocation. `sink` hears of it exactly
  /// once, possibly before this returns. Where `kept` wants the connection it gets it, unless a trace says what each was
  /// opened for.
  void probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, const Permit& permit, Instant deadline,
                  KeptConnections* kept = nullptr);
  /// How many sockets may be kept open for a later use; none while a trace says what each was opened for.
  [[nodiscard]] std::uint32_t idle_sockets() const { return tracer_ == nullptr ? do_idle_sockets() : 0; }
  /// May another port probe start now, as far as descriptors go?
  [[nodiscard]] virtual bool port_lane_free() const = 0;
  /// What the system's own name service says (hosts file, nsswitch), where DNS is not the one to ask.
  [[nodiscard]] virtual awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) = 0;

  /// Runs all that was spawned on `io` to its end.
  virtual void run() { io_.run(); }
  /// `stop`, from any thread, as soon as this one gets to it.
  virtual void stop_soon();

  [[nodiscard]] DeadlineList& deadlines() noexcept { return deadlines_; }
  [[nodiscard]] asio::io_context& io() noexcept { return io_; }
  /// Writes down what is asked from now on; `tracer` outlives the world.
  void trace(Tracer& tracer) noexcept { tracer_ = &tracer; }
  /// Ends every wait with `stopped`; what starts later ends so at once.
  void stop();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 protected:
  [[nodiscard]] virtual bool repeats_randomness() const noexcept { return false; }
  virtual void do_random_for(std::string_view /*purpose*/, std::span<std::uint8_t> bytes) { random(bytes); }
  [[nodiscard]] virtual awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant deadline) = 0;
  [[nodiscard]] virtual awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to,
                                                                                      Instant deadline) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) = 0;
  [[nodiscard]] virtual std::uint32_t do_idle_sockets() const { return 0; }
  /// `kept` may be null, and need not be given anything.
  virtual void do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                             KeptConnections* kept) = 0;

  /// For a world around another, whose permits were tested.
  [[nodiscard]] static awaitable<Result<std::unique_ptr<Stream>>> connect_in(World& world, Endpoint to,
                                                                             Instant deadline) {
    return world.do_connect(to, deadline);
  }
  [[nodiscard]] static awaitable<Result<std::unique_ptr<Datagram>>> open_datagram_in(World& world, Endpoint to,
                                                                                     Instant deadline) {
    return world.do_open_datagram(to, deadline);
  }
  [[nodiscard]] static Result<std::unique_ptr<Echo>> open_echo_in(World& world, const IpAddress& to, std::size_t size) {
    return world.do_open_echo(to, size);
  }
  static void probe_port_in(World& world, PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline) {
    world.do_probe_port(sink, token, to, deadline, nullptr);
  }

 private:
  asio::io_context& io_;
  DeadlineList deadlines_;
  bool stopped_ = false;
  Tracer* tracer_ = nullptr;
};

}  // namespace audit::net
