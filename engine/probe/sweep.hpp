#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/ports.hpp"
#include "base/probe_counters.hpp"
#include "net/kept_connections.hpp"
#include "net/permit.hpp"
#include "net/prefix_limit.hpp"
#include "net/rate.hpp"
#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::probe {

/// How patiently one target is swept.
struct SweepLimits {
  Duration timeout = std::chrono::seconds(2);  // of an attempt, until round trips were seen
  std::uint32_t attempts = 3;
  Duration gap{};                        // least time between two probes of this target
  Instant deadline = never;              // what is undecided then ends as timeout
  bool leave_the_dead = false;           // hosts that show no life: see Sweep::echo_ended
  net::PrefixLimit* prefixes = nullptr;  // its lanes take places there, where it bounds lanes
  net::KeptConnections* kept = nullptr;  // takes the connections it wants

  SweepLimits() = default;
  SweepLimits(Duration timeout_in, std::uint32_t attempts_in, Duration gap_in, Instant deadline_in = never)
      : timeout(timeout_in), attempts(attempts_in), gap(gap_in), deadline(deadline_in) {}
};

/// What the sweep found of one port.
struct PortState {
  /// open closed filtered; local_fault out_of_scope stopped timeout not_recorded where it could not be asked; unreachable
  /// where it was not, because the host showed no life.
  Reason state = Reason::stopped;
  std::uint8_t attempts = 0;
  bool unreachable = false;        // ICMP said so at the last attempt (state is filtered)
  std::uint16_t fault_number = 0;  // errno, where state is local_fault
  std::uint32_t took_us = 0;       // of the attempt that was answered
};

/// What a sweep found of one host, for targets that share its address.
struct HostPorts {
  std::vector<std::uint16_t> ports;  // sorted
  std::vector<PortState> states;     // of each
};

class Sweeper;

/// The ports of one target's hosts, asked once each, and the silent ones again until every attempt is spent: every eighth
/// probe while there are fresh ones, then every one. A window that answers widen and losses narrow bounds what is in
/// flight; a fault of this machine pauses the whole sweep and asks again, and is never a port's state; where it persists
/// it ends the ports of that host. Lives on its shard, until it is done.
class Sweep final : public net::PortSink, private net::DeadlineList::Entry {
 public:
  Sweep(net::World& world, const net::Permit& permit, std::vector<IpAddress> hosts, std::vector<std::uint16_t> ports,
        SweepLimits limits);
  ~Sweep();

  [[nodiscard]] const std::vector<IpAddress>& hosts() const noexcept { return hosts_; }
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const noexcept { return ports_; }
  /// The state of a port that was swept; null for any other.
  [[nodiscard]] const PortState* find(const IpAddress& host, std::uint16_t port) const;
  [[nodiscard]] const PortState& state(std::size_t host, std::size_t port) const {
    return states_[port * hosts_.size() + host];  // hosts take turns
  }
  /// Takes over what another sweep of this run found of a host, before this one begins: open, closed and filtered ports
  /// are not asked again; whatever else it says is no state of a port, and is asked. Returns how many were taken over.
  std::uint32_t adopt(const IpAddress& host, const HostPorts& known);
  /// Takes over how a sweep of this host ended in an earlier process of the run, whatever became of a port.
  void restore(const IpAddress& host, const HostPorts& ended);
  /// What was found of a host.
  [[nodiscard]] HostPorts ports_of(const IpAddress& host) const;
  /// Somebody else learnt that a host lives.
  void host_lives(const IpAddress& host);
  /// Where the dead are left: before a sweep, so many hosts are still asked for an echo; each ends with one call of
  /// `echo_ended`. A host that has shown no life by then, nor on the first ports through every attempt, is not asked
  /// the rest: those end as unreachable.
  void await_echoes(std::uint32_t hosts) noexcept { echoes_awaited_ = hosts; }
  void echo_ended();
  /// The first port that answered, and how; null where none did.
  struct Life {
    Endpoint endpoint;
    PortState state;
  };
  [[nodiscard]] std::optional<Life> first_life(std::size_t host) const;
  /// Did the host answer anything?
  [[nodiscard]] bool alive(std::size_t host) const { return alive_[host]; }
  [[nodiscard]] bool alive() const noexcept { return any_alive_; }

 private:
  friend class Sweeper;
  enum class Next : std::uint8_t { start, window_full, prefix_full, later, nothing };

  /// Those of these ports whose state `counts`; returns how many were not settled before.
  std::uint32_t take_over(const IpAddress& host, const HostPorts& known, bool (*counts)(Reason state));
  void answered(std::uint32_t token, const net::PortAnswer& answer) override;
  void expired(net::Expiry why) override;
  /// May a probe start at `now`? Takes it from the queue, and its place in the prefix, where the answer is `start`.
  [[nodiscard]] Next next(Instant now, std::uint32_t& token);
  void start(std::uint32_t token);
  void settle(std::uint32_t token, Reason state);
  void life(std::uint32_t token, const net::PortAnswer& answer);
  void no_answer(std::uint32_t token, bool unreachable);
  void local_fault(std::uint32_t token, int number);
  void give_up(std::size_t host, Reason state, int number);
  void give_up(Reason state);
  /// The token that is asked as the `place`-th: likely ports first where there are many.
  [[nodiscard]] std::uint32_t token_at(std::uint32_t place) const;
  /// May ports beyond the first be asked? Gives up the hosts that seem dead where the answer has come.
  [[nodiscard]] bool beyond_the_first();
  [[nodiscard]] bool in_doubt(std::size_t host) const;
  /// Goes on to the next place that is still to be asked for the first time.
  void skip_to_fresh();
  void wake();
  [[nodiscard]] std::size_t host_of(std::uint32_t token) const { return token % hosts_.size(); }
  [[nodiscard]] Duration patience(std::uint8_t attempt) const;
  [[nodiscard]] Endpoint endpoint(std::uint32_t token) const;

  net::World& world_;
  const net::Permit& permit_;
  std::vector<IpAddress> hosts_;
  std::vector<std::uint16_t> ports_;
  SweepLimits limits_;
  std::vector<PortState> states_;
  std::vector<bool> adopted_;  // by token; empty where nothing was taken over
  std::vector<bool> alive_;
  bool any_alive_ = false;

  std::uint32_t fresh_ = 0;           // the next place never asked
  std::vector<std::uint16_t> order_;  // indices of ports, as they are asked; empty where it is as they stand
  std::uint32_t first_end_;           // places before it are asked of every host
  std::uint32_t echoes_awaited_ = 0;
  std::vector<bool> lives_;          // as somebody else learnt
  std::deque<std::uint32_t> again_;  // to be asked once more
  std::uint32_t undecided_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint32_t started_ = 0;
  std::uint32_t window_;
  std::vector<std::uint32_t> faults_in_a_row_;  // of each host: a route is missing for one and not for the other
  std::vector<bool> given_up_;                  // of each host
  bool starting_ = false;
  bool sent_ = false;     // by the start that is under way
  Instant not_before_{};  // gap, or the pause after a fault
  Duration smoothed_{};   // RFC 6298
  Duration variance_{};
  Sweeper* sweeper_ = nullptr;
  bool queued_ = false;
  std::vector<net::PrefixLimit::Count*> prefixes_;   // of each host; empty where nothing is counted
  net::PrefixLimit::Count* full_prefix_ = nullptr;   // met by the last `next`, where it said so
  net::PrefixLimit::Count* held_back_by_ = nullptr;  // in whose queue this waits
  net::Event done_;
};

/// Runs a shard's sweeps side by side, in turns, within the rate, the free lanes and the places in their prefixes.
class Sweeper final : private net::DeadlineList::Entry {
 public:
  Sweeper(net::World& world, net::RateLease& rate, ProbeCounters& counters)
      : world_(world), rate_(rate), counters_(counters), look_again_(*this) {}
  ~Sweeper() {
    world_.deadlines().remove(*this);
    world_.deadlines().remove(look_again_);
  }

  /// Returns when every port has a state. Never fails: what could not be asked says so in its state.
  [[nodiscard]] awaitable<void> run(Sweep& sweep);

 private:
  friend class Sweep;
  void expired(net::Expiry why) override;
  void enqueue(Sweep& sweep);
  void pump();
  void pump_later();
  /// Until a lane of this shard gives a place back there; places that others give back are found by looking again.
  void hold_back(Sweep& sweep);
  void place_came_free(net::PrefixLimit::Count& prefix);
  void release(Sweep& sweep);
  void release_all();

  struct LookAgain final : net::DeadlineList::Entry {
    explicit LookAgain(Sweeper& owner_in) : owner(owner_in) {}
    void expired(net::Expiry /*why*/) override { owner.release_all(); }
    Sweeper& owner;
  };

  net::World& world_;
  net::RateLease& rate_;
  ProbeCounters& counters_;
  LookAgain look_again_;
  std::map<net::PrefixLimit::Count*, std::deque<Sweep*>> held_back_;  // no empty queues; in an order that replays
  std::deque<Sweep*> queue_;
  bool pumping_ = false;
  bool posted_ = false;
};

}  // namespace audit::probe
