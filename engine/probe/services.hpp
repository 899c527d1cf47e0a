#pragma once

#include <memory>
#include <string>

#include "base/probe_counters.hpp"
#include "net/prefix_queue.hpp"
#include "net/rate.hpp"
#include "net/resolver.hpp"
#include "net/world.hpp"
#include "probe/credentials.hpp"
#include "probe/sweep.hpp"

namespace audit::probe {

/// Who asks, as the peers are told.
struct Identity {
  std::string user_agent = "audit";
  std::string contact;  // "" where none is given
  std::shared_ptr<const Credentials> credentials = std::make_shared<Credentials>();
};

/// What the probes of one shard share. Lives as long as the shard, on its thread.
struct Services {
  Services(net::World& world_in, net::Rate& rate_in, const net::ResolverConfig& resolver_in,
           const Identity& identity_in, std::shared_ptr<net::DnsCache> names = std::make_shared<net::DnsCache>())
      : world(world_in), rate(rate_in), resolver(world_in, resolver_in, std::move(names)), identity(identity_in),
        sweeper(world_in, rate, counters), prefix_queue(world_in) {}

  /// What was counted since this was called before.
  [[nodiscard]] ProbeCounters newly_counted() noexcept {
    ProbeCounters fresh = counters;
    fresh -= told;
    told = counters;
    return fresh;
  }

  net::World& world;
  net::RateLease rate;
  net::Resolver resolver;
  const Identity& identity;
  ProbeCounters counters;
  ProbeCounters told;  // of these, by `newly_counted`
  Sweeper sweeper;
  net::PrefixLimit* prefixes = nullptr;  // of the whole run; null: without limit
  net::PrefixQueue prefix_queue;
};

}  // namespace audit::probe
