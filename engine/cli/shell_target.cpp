#include "cli/shell_target.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/load.hpp"

namespace audit::cli {
namespace {

using inventory::Entry;

constexpr Duration resolving_time = std::chrono::seconds(20);

std::string lower_name(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// The ordinal of the entry that names it: one that lists it before one that covers it.
std::optional<std::uint64_t> ordinal_of(const inventory::Inventory& inventory, const Entry& wanted) {
  std::uint64_t start = 0;
  std::optional<std::uint64_t> covering;
  for (const Entry& entry : inventory.entries) {
    const bool named = wanted.kind == Entry::Kind::name;
    if (named && entry.kind == Entry::Kind::name && entry.name == lower_name(wanted.name)) return start;
    if (!named && entry.kind == Entry::Kind::address && entry.block == wanted.block) return start;
    if (!named && !covering && entry.kind == Entry::Kind::block && entry.block.contains(wanted.block.first))
      covering = start + entry.block.offset_of(wanted.block.first);
    start += entry.kind == Entry::Kind::block ? entry.block.size() : 1;
  }
  return covering;
}

Error refusal(std::string text) { return {Reason::out_of_scope, std::move(text)}; }

net::ScopeRules scope_of(const inventory::Inventory& inventory) {
  net::ScopeRules scope;
  for (const Entry& entry : inventory.entries)
    if (entry.kind != Entry::Kind::name) scope.written.push_back(entry.block);
  scope.include = inventory.scope.include;
  for (const inventory::Exclude& exclude : inventory.scope.exclude)
    scope.exclude.insert(scope.exclude.end(), exclude.blocks.begin(), exclude.blocks.end());
  return scope;
}

}  // namespace

Result<ShellTarget> find_shell_target(const std::string& text, std::shared_ptr<const inventory::Inventory> inventory) {
  inventory::Loaded loaded = inventory::from_targets({text}, "TARGET");
  if (!loaded.inventory || loaded.inventory->entries.size() != 1)
    return refusal(loaded.mistakes.empty() ? "`" + visible(text) + "` is not one target"
                                           : loaded.mistakes.front().text());
  auto by_hand = std::make_shared<const inventory::Inventory>(std::move(*loaded.inventory));
  const Entry& wanted = by_hand->entries.front();
  if (wanted.kind == Entry::Kind::block)
    return refusal(fmt::format("`{}` is a network; name one address or name in it", visible(text)));
  ShellTarget target;
  target.inventory = inventory ? std::move(inventory) : by_hand;
  const auto ordinal = ordinal_of(*target.inventory, wanted);
  if (!ordinal)
    return refusal(
        fmt::format("`{}` is no target of {}; `audit plan` lists them, and without --inventory any host may be asked",
                    visible(text), visible(target.inventory->path)));
  target.member = inventory::Expansion(*target.inventory, 0).at_ordinal(*ordinal);
  if (target.member.excluded != nullptr)
    return refusal(
        fmt::format("`{}` is excluded by `{}` of [scope]", visible(text), visible(target.member.excluded->text)));
  if (target.member.entry->settings->safety == Safety::connect)
    return refusal(fmt::format("`{}`: its groups allow safety = \"connect\" and no more, and a shell speaks protocols",
                               visible(text)));
  return target;
}

awaitable<Result<std::vector<IpAddress>>> find_hosts(const ShellTarget& target, probe::Services& services) {
  std::vector<IpAddress> hosts;
  if (target.member.address) {
    hosts.push_back(*target.member.address);
    co_return hosts;
  }
  const std::string& name = target.member.entry->name;
  Result<net::Resolved> resolved = co_await services.resolver.addresses(name, services.world.now() + resolving_time);
  if (!resolved) co_return resolved.error();
  const net::ScopeRules scope = scope_of(*target.inventory);
  Error why = refusal(name + " resolves only to addresses that [scope] exclude takes out");
  for (const IpAddress& address : resolved->addresses) {
    const IpAddress real = canonical(address);
    if (scope.excluded(real)) continue;
    if (Result<void> admitted = scope.admit_resolved(real, name); !admitted) {
      why = admitted.error();
    } else if (std::find(hosts.begin(), hosts.end(), real) == hosts.end()) {
      hosts.push_back(real);
    }
  }
  if (hosts.empty()) co_return why;
  co_return hosts;
}

}  // namespace audit::cli
