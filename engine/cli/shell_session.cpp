#include "cli/shell_session.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "audit/justify.hpp"
#include "audit/run.hpp"
#include "base/text.hpp"
#include "cli/attendant.hpp"
#include "cli/paths.hpp"
#include "cli/setup.hpp"
#include "cli/trace.hpp"
#include "inventory/guard_index.hpp"
#include "net/kernel_world.hpp"

namespace audit::cli {
namespace {

net::KernelShare share_of(const core::Machinery& machinery) {
  const std::uint32_t talks = std::max<std::uint32_t>(2, machinery.descriptors / 4);
  return {std::max<std::uint32_t>(2, machinery.descriptors - talks), talks};
}

std::unique_ptr<lua::Interactive> make_language(const lua::RuleSet& rules, const Scrubber& scrubber) {
  return std::make_unique<lua::Interactive>(rules, lua::Budget(), [&scrubber](std::string line) {
    (void)scrubber.scrub(line);
    std::fprintf(stdout, "%s\n", line.c_str());
    std::fflush(stdout);
  });
}

}  // namespace

/// The network as one target is asked over it, until it is interrupted: a world that was stopped stays so.
struct ShellSession::Network {
  Network(ShellSession& session, const std::vector<IpAddress>& hosts, const std::string& id, const std::string& name,
          const inventory::Settings* settings)
      : world(io, share_of(core::measure_machinery())),
        rate(session.inventory_ ? session.inventory_->limits.rate : inventory::Limits().rate),
        services(world, rate, session.resolvers_, session.identity_) {
    if (session.tracer_) world.trace(*session.tracer_);
    probe::TargetLimits limits;
    TransportPorts never;
    if (settings != nullptr) {
      limits.timeout = settings->limits.timeout;
      limits.attempts = settings->limits.attempts;
      limits.per_target = settings->limits.per_target;
      limits.gap = settings->limits.gap;
      limits.groups = settings->groups;
      never = settings->never;
    }
    target.emplace(services, id, name, net::Permit(hosts, never), limits);
  }

  asio::io_context io{1};
  net::KernelWorld world;
  net::Rate rate;
  probe::Services services;
  std::optional<probe::Target> target;
};

ShellSession::ShellSession(std::shared_ptr<const inventory::Inventory> inventory, const std::string& trace,
                           bool allow_commands)
    : inventory_(std::move(inventory)), nobody_(std::make_shared<const inventory::Inventory>()) {
  const inventory::Inventory& named = inventory_ ? *inventory_ : *nobody_;
  rules_ = std::move(lua::load_rules({}, shipped_folder("scripts")).set);
  resolvers_ = resolvers_of(named);
  identity_ = identity_of(named, allow_commands);
  scrubber_ = std::make_unique<const Scrubber>(identity_.credentials->written_forms());
  tracer_ = make_tracer(trace, identity_.credentials.get());
  Attendant::block_signals();
  reset();
}

ShellSession::~ShellSession() = default;

void ShellSession::reset() {
  language_.reset();
  networks_.clear();
  language_ = make_language(rules_, *scrubber_);
  connect();
}

/// A network for the target that there is, and inputs that ask over it.
void ShellSession::connect() {
  const std::string name = subject_.names.empty() ? std::string() : subject_.names.front();
  networks_.push_back(std::make_unique<Network>(*this, hosts_, subject_.id, name, settings_.get()));
  const bool all_is_allowed = !inventory_ || (settings_ && settings_->intrusive_allowed);
  language_->aim(*networks_.back()->target, subject_, all_is_allowed ? Safety::intrusive : Safety::normal);
  const auto unused = [&](const std::unique_ptr<Network>& network) { return !language_->refers_to(*network->target); };
  networks_.erase(std::remove_if(networks_.begin(), networks_.end(), unused), networks_.end());
}

/// Runs one task to its end; SIGINT and SIGTERM end all that it waits for.
void ShellSession::drive(Network& network, awaitable<void> task) {
  stopped_by_.clear();
  bool done = false;
  std::exception_ptr failure;
  network.io.restart();
  asio::co_spawn(network.io, std::move(task), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    done = true;
  });
  {
    const auto stop = [&](const std::string& why) {
      stopped_by_ = why;
      network.world.stop_soon();
    };
    const Attendant attendant(
        stop, [] {}, Duration::zero());
    while (!done && network.io.run_one() > 0) {
    }
  }
  network.io.poll();
  if (failure) std::rethrow_exception(failure);
}

/// What names of the inventory forbid for their addresses: resolved once, when a first target is aimed at.
void ShellSession::learn_guards(Network& network) {
  if (!inventory_ || !inventory_->guards || guards_) return;
  auto guards = std::make_unique<core::NameGuards>();
  drive(network, guards->learn(*inventory_->guards, network.services));
  if (network.world.stopped()) return;
  for (const std::string& notice : guards->notices())
    std::fprintf(stderr, "audit shell: %s\n", visible(notice).c_str());
  guards_ = std::move(guards);
}

/// An entry's settings, with what other entries ask for its addresses; those that are excluded with their group go.
Result<std::shared_ptr<const inventory::Settings>> ShellSession::guarded(const inventory::Entry& entry,
                                                                         std::vector<IpAddress>& hosts) const {
  if (!inventory_ || !inventory_->guards) return entry.settings;
  if (!guards_)
    return Error(Reason::stopped, "interrupted before it was known what other entries ask for its addresses");
  const std::string name = entry.kind == inventory::Entry::Kind::name ? entry.name : format_address(hosts.front());
  std::erase_if(hosts, [&](const IpAddress& host) { return guards_->excluded(host) != nullptr; });
  if (hosts.empty())
    return Error(Reason::out_of_scope, fmt::format("`{}` is an address of an excluded group's target", visible(name)));
  inventory::Guard guard;
  for (const IpAddress& host : hosts) {
    guard.add(inventory_->guards->at(host));
    guard.add(guards_->at(host));
  }
  if (guard.safety == Safety::connect)
    return Error(Reason::out_of_scope,
                 fmt::format("`{}`: another entry of its address allows safety = \"connect\" and no more, and a shell "
                             "speaks protocols",
                             visible(name)));
  auto settings = std::make_shared<inventory::Settings>(*entry.settings);
  guard.bind(*settings);
  return std::shared_ptr<const inventory::Settings>(std::move(settings));
}

Result<void> ShellSession::aim(const std::string& text) {
  Result<ShellTarget> found = find_shell_target(text, inventory_);
  if (!found) return found.error();
  Result<std::vector<IpAddress>> hosts = std::vector<IpAddress>();
  Network resolving(*this, {}, "", "", nullptr);
  const auto resolve = [&]() -> awaitable<void> { hosts = co_await find_hosts(*found, resolving.services); };
  learn_guards(resolving);
  drive(resolving, resolve());
  if (!hosts) return hosts.error();
  const inventory::Entry& entry = *found->member.entry;
  Result<std::shared_ptr<const inventory::Settings>> settings = guarded(entry, *hosts);
  if (!settings) return settings.error();
  hosts_ = std::move(*hosts);
  settings_ = std::move(*settings);
  subject_ = lua::Subject();
  for (const IpAddress& host : hosts_) subject_.addresses.push_back(format_address(host));
  subject_.address = subject_.addresses.front();
  subject_.id = found->member.address ? subject_.address : entry.name;
  if (!found->member.address) subject_.names = {entry.name};
  subject_.tags = settings_->tags;
  subject_.groups = settings_->groups;
  subject_.owner = settings_->owner;
  connect();
  return {};
}

void ShellSession::scrub(lua::Reply& reply) const {
  for (std::string& value : reply.values) (void)scrubber_->scrub(value);
  if (reply.error) (void)scrubber_->scrub(reply.error->message);
  if (reply.verdict) (void)scrubber_->scrub(reply.verdict->finding.message);
}

lua::Reply ShellSession::run() {
  Network& network = *networks_.back();
  lua::Reply reply;
  const auto ask = [&]() -> awaitable<void> { reply = co_await language_->run(); };
  drive(network, ask());
  if (reply.verdict) core::justify(*reply.verdict, *network.target);
  scrub(reply);
  closed_streams_ = 0;
  if (network.world.stopped()) {
    closed_streams_ = language_->open_streams();
    connect();
  }
  return reply;
}

}  // namespace audit::cli
