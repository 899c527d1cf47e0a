#pragma once

#include <cstdint>

namespace audit {

/// What the probes of a run, or of a part of it, amount to.
struct ProbeCounters {
  std::uint64_t asked = 0;         // questions of rules and of the sweep
  std::uint64_t sent = 0;          // of these, the ones that went to the network, each attempt counted
  std::uint64_t shared = 0;        // answered from what was seen before
  std::uint64_t evicted = 0;       // answers that did not stay to be shared: their target's cache was full
  std::uint64_t retried = 0;       // attempts after the first
  std::uint64_t local_faults = 0;  // backed off, asked again, or given up

  ProbeCounters& operator+=(const ProbeCounters& more) noexcept {
    asked += more.asked;
    sent += more.sent;
    shared += more.shared;
    evicted += more.evicted;
    retried += more.retried;
    local_faults += more.local_faults;
    return *this;
  }
  ProbeCounters& operator-=(const ProbeCounters& less) noexcept {
    asked -= less.asked;
    sent -= less.sent;
    shared -= less.shared;
    evicted -= less.evicted;
    retried -= less.retried;
    local_faults -= less.local_faults;
    return *this;
  }
  bool operator==(const ProbeCounters&) const = default;
};

}  // namespace audit
