#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/permit.hpp"
#include "net/waiting.hpp"
#include "probe/holding.hpp"
#include "probe/pace.hpp"
#include "probe/services.hpp"

namespace audit::probe {

class AnswerCache;

/// How one target may be asked.
struct TargetLimits {
  Duration timeout = std::chrono::seconds(2);
  std::uint32_t attempts = 3;
  std::uint32_t per_target = 8;
  Duration gap{};
  std::vector<std::string> groups;  // whose credentials it may be given
};

/// A host that showed life otherwise than by the sweep.
struct Lively {
  IpAddress host;
  std::string how;  // in words; "" in a conversation
};

/// An open target: its hosts, what may be touched, what the sweep saw, and the places for conversations with it. All
/// its checks share it; lives on one shard.
class Target {
 public:
  Target(Services& services, std::string id, std::string host_name, net::Permit permit, TargetLimits limits);
  ~Target();

  /// Sweeps these ports on every host; once, before any check. Hosts that show no life by the end of so many echoes may
  /// be left (see Sweep).
  [[nodiscard]] awaitable<void> sweep(std::vector<std::uint16_t> tcp_ports, bool leave_the_dead = false,
                                      std::uint32_t echoes_awaited = 0);
  /// What this run knows of a host already: its sweep asks only the rest.
  void know(const IpAddress& host, std::shared_ptr<const HostPorts> ports) {
    known_.push_back({host, std::move(ports)});
  }
  /// How a sweep of this host ended in an earlier process of the run: nothing of it is asked again.
  void know_ended(const IpAddress& host, HostPorts ports) {
    known_.push_back({host, std::make_shared<const HostPorts>(std::move(ports)), true});
  }
  /// The sweep's connections to these ports wait for the first conversation with each, as many as may be had at once;
  /// none where a gap, or the connections of a network, are counted one by one.
  void keep_connections(PortSet ports);
  [[nodiscard]] net::KeptConnections& kept() noexcept { return kept_; }
  [[nodiscard]] const Sweep* swept() const noexcept { return sweep_ ? &*sweep_ : nullptr; }
  /// Did this host answer anything in this run?
  [[nodiscard]] bool alive(const IpAddress& host) const;
  [[nodiscard]] bool alive() const;
  /// The host lives: a conversation was answered, or what `how` says ("answered ICMP echo in 0.3 ms").
  void note_life(const IpAddress& host, std::string how = {});
  /// Who showed life otherwise than by the sweep, in that order.
  [[nodiscard]] const std::vector<Lively>& lively() const noexcept { return lively_; }
  /// How a host showed life first, in words; "" where it did not.
  [[nodiscard]] std::string life_of(const IpAddress& host) const;
  /// One of the echoes that the sweep awaits has ended.
  void echo_ended();

  /// Waits for a place among the target's conversations and the connections of this address's prefix, its gap and the
  /// run's rate. Errors: timeout (the deadline came first), stopped, over_budget (all who hold the places of the target wait
  /// for one more, and none holds more of them than this check, or it holds all of its network).
  [[nodiscard]] awaitable<Result<net::Place>> admit(IpAddress to, Instant deadline, Holding& holding);
  /// The same for one connection, which may be one of those that were kept.
  [[nodiscard]] awaitable<Result<net::Place>> admit_to(Endpoint to, Instant deadline, Holding& holding);
  /// Waits for the leave to hold a stream and ask on: one place of two or more is for those who hold one and ask. The
  /// first stream of a check needs it, and the others have it. Errors: timeout, stopped.
  [[nodiscard]] awaitable<Result<std::shared_ptr<void>>> admit_holder(IpAddress to, Instant deadline);
  /// Where connections with this address are counted besides; null where no network is bounded.
  [[nodiscard]] net::PrefixLimit::Count* count_of(const IpAddress& to);
  /// Why a wait for a place, or for leave, ended without it.
  [[nodiscard]] Error no_place(net::Wake why) const;
  [[nodiscard]] Error no_leave(net::Wake why) const;
  /// A coroutine of a check has ended: those that are left of it may all be waiting.
  void look_for_standstill();
  /// How the peer bore it: losses and resets make the next conversations wait, answers let them come faster again.
  [[nodiscard]] Pace& bearing() noexcept { return pace_; }

  /// The same, without a turn at the rate: each echo waits for its own.
  [[nodiscard]] awaitable<Result<net::Place>> admit_to_ping(IpAddress to, Instant deadline, Holding& holding);

  /// Waits for the target's gap and the run's rate, once more within a conversation. Errors: timeout, stopped.
  [[nodiscard]] awaitable<Result<void>> pace(Instant deadline);
  /// Waits for the target's gap alone: a sweep of its own follows, which keeps the rate, and then note_sweep. While the
  /// turn is held no other waits for the gap to end.
  [[nodiscard]] awaitable<Result<net::Place>> keep_gap(Instant deadline);
  /// A sweep of its own begins, or has ended.
  void note_sweep();

  /// The endpoints of a port: on every host, the open ones first.
  [[nodiscard]] std::vector<Endpoint> endpoints(std::uint16_t port, Transport transport) const;

  /// Random, and of this target in this run only: what identifiers are derived from. Throws where there is no
  /// randomness.
  [[nodiscard]] const std::string& mark_key();

  /// What it answered so far, for every check that asks the same.
  [[nodiscard]] AnswerCache& answers() noexcept { return *answers_; }
  [[nodiscard]] Services& services() noexcept { return services_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// The name that a server is asked for: the target's name, else "".
  [[nodiscard]] const std::string& host_name() const noexcept { return host_name_; }
  [[nodiscard]] const net::Permit& permit() const noexcept { return permit_; }
  [[nodiscard]] const std::vector<IpAddress>& hosts() const noexcept { return permit_.hosts(); }
  [[nodiscard]] const TargetLimits& limits() const noexcept { return limits_; }

 private:
  [[nodiscard]] awaitable<Result<net::Place>> take_place(Endpoint to, Instant deadline, Holding& holding);
  [[nodiscard]] awaitable<Result<net::Place>> wait_for_place(Instant deadline, Holding& holding);
  [[nodiscard]] awaitable<Result<std::shared_ptr<void>>> take_prefix(IpAddress to, Instant deadline,
                                                                     net::PrefixLimit::Kind kind);
  [[nodiscard]] awaitable<Result<void>> wait_for(Instant slot, Instant deadline);
  [[nodiscard]] Error late() const;

  Services& services_;
  std::string id_;
  std::string host_name_;
  net::Permit permit_;
  TargetLimits limits_;
  net::Semaphore conversations_;
  net::Semaphore leaves_;
  class Waiter;
  std::vector<Waiter*> waiters_;  // for a place among the conversations
  net::KeptConnections kept_;
  net::Semaphore turns_;  // to be the next probe, where there is a gap
  Pace pace_;
  std::optional<Sweep> sweep_;
  std::string mark_key_;  // "" until it is asked for
  std::unique_ptr<AnswerCache> answers_;
  std::vector<Lively> lively_;
  struct Known {
    IpAddress host;
    std::shared_ptr<const HostPorts> ports;
    bool ended = false;
  };
  std::vector<Known> known_;
};

}  // namespace audit::probe
