#include "cli/probe_session.hpp"

#include <algorithm>
#include <iostream>

#include "audit/run.hpp"
#include "cli/setup.hpp"
#include "cli/trace.hpp"
#include "inventory/sections.hpp"

namespace audit::cli {
namespace {

constexpr std::uint32_t targets_at_once = 256;
constexpr Duration resolving_time = std::chrono::seconds(20);

}  // namespace

struct ProbeSession::Parts {
  std::shared_ptr<inventory::Inventory> inventory;
  net::ResolverConfig resolvers;
  probe::Identity identity;
  std::unique_ptr<net::Tracer> tracer;
  TransportPorts printers = inventory::default_never();  // less the ports that somebody named

  awaitable<void> ask_member(net::World& world, probe::Services& services, inventory::Member member, const Asker& ask,
                             const Refusal& refuse, const probe::TargetLimits& limits) {
    std::vector<IpAddress> hosts;
    const std::string id = member.address ? format_address(*member.address) : member.entry->name;
    if (member.address) {
      hosts.push_back(*member.address);
    } else {
      Result<net::Resolved> resolved =
          co_await services.resolver.addresses(member.entry->name, world.now() + resolving_time);
      if (!resolved) {
        refuse(id, resolved.error());
        co_return;
      }
      hosts = resolved->addresses;
    }
    probe::Target target(services, id, member.entry->name, net::Permit(hosts, printers), limits);
    co_await ask(target);
  }

  awaitable<void> ask_all(net::World& world, probe::Services& services, const Asker& ask, const Refusal& refuse,
                          const probe::TargetLimits& limits) {
    if (!inventory) {
      probe::Target nobody(services, "", "", net::Permit(), limits);
      co_await ask(nobody);
      co_return;
    }
    const inventory::Expansion expansion(*inventory, 0);
    net::Semaphore open(world.deadlines(), targets_at_once);
    for (std::uint64_t ordinal = 0; ordinal < expansion.size() && !world.stopped(); ++ordinal) {
      const inventory::Member member = expansion.at_ordinal(ordinal);
      if (expansion.duplicate(member)) continue;
      if (co_await open.acquire(never) != net::Wake::signalled) break;
      asio::co_spawn(world.io(), ask_member(world, services, member, ask, refuse, limits),
                     [&open](const std::exception_ptr& failure) {
                       open.release();
                       if (failure) std::rethrow_exception(failure);
                     });
    }
    for (std::uint32_t i = 0; i < targets_at_once; ++i)
      if (co_await open.acquire(never) == net::Wake::stopped) break;
  }
};

ProbeSession::ProbeSession(const std::optional<Endpoint>& resolver, const std::string& trace)
    : parts_(std::make_unique<Parts>()) {
  parts_->resolvers = net::ResolverConfig::of_system(net::SystemNames::read());
  if (resolver) {
    parts_->resolvers.servers = {*resolver};
    parts_->resolvers.use_system = false;
  }
  inventory::Inventory nobody;
  parts_->identity = identity_of(nobody, false);
  parts_->tracer = make_tracer(trace, nullptr);
}

ProbeSession::~ProbeSession() = default;

bool ProbeSession::aim(const std::vector<std::string>& targets, const PortSet& ports) {
  parts_->printers.tcp.remove(ports);
  Sources sources;
  sources.targets = targets;
  sources.written = "TARGET";
  int refused = 0;  // whoever asks by hand ends with exit_usage
  parts_->inventory = load_inventory(sources, refused);
  return parts_->inventory != nullptr;
}

bool ProbeSession::single() const {
  const auto& entries = parts_->inventory->entries;
  return entries.size() == 1 && entries.front().kind != inventory::Entry::Kind::block;
}

void ProbeSession::run(const Asker& ask, const Refusal& refuse, double per_second, const probe::TargetLimits& limits) {
  const core::Machinery machinery = core::measure_machinery();
  const std::uint32_t talks = std::max<std::uint32_t>(2, machinery.descriptors / 4);
  asio::io_context io(1);
  net::KernelWorld world(io, net::KernelShare(std::max<std::uint32_t>(2, machinery.descriptors - talks), talks));
  if (parts_->tracer) world.trace(*parts_->tracer);
  net::Rate rate(per_second);
  probe::Services services(world, rate, parts_->resolvers, parts_->identity);
  asio::co_spawn(io, parts_->ask_all(world, services, ask, refuse, limits), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

}  // namespace audit::cli
