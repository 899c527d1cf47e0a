#pragma once

#include <cstdint>

namespace audit::probe {

/// What one shard's probes amount to; added up at the end of a run.
struct Counters {
  std::uint64_t asked = 0;         // questions of rules and of the sweep
  std::uint64_t sent = 0;          // of these, the ones that went to the network, each attempt counted
  std::uint64_t shared = 0;        // answered from what was seen before
  std::uint64_t evicted = 0;       // answers that did not stay to be shared: their target's cache was full
  std::uint64_t retried = 0;       // attempts after the first
  std::uint64_t local_faults = 0;  // backed off, asked again, or given up
};

}  // namespace audit::probe
