#include <fmt/format.h>

#include "audit/chosen_hosts.hpp"
#include "audit/target_run.hpp"
#include "base/text.hpp"

namespace audit::core {
namespace {

constexpr Duration resolving_time = std::chrono::seconds(20);

}  // namespace

void TargetRun::note_resolution(const std::string& name, const Result<net::Resolved>& answer) {
  if (parts_ == nullptr || (!answer && answer.error().reason == Reason::stopped)) return;
  resolution_.emplace(Resolution{name, answer});
  note_progress();
}

/// What guards addresses was resolved before, and is taken as it was then. A name that no server could be asked for is
/// unresolved, and whether it leads anywhere is not known.
awaitable<Result<net::Resolved>> TargetRun::resolve(std::string name) {
  Result<net::Resolved> resolved = Error(Reason::unresolved, "");
  const Result<net::Resolved>* known = name_guards_ == nullptr ? nullptr : name_guards_->known(name);
  if (known == nullptr && earlier_ != nullptr) known = earlier_->resolution(name);
  if (known != nullptr) {
    resolved = *known;
  } else {
    resolved = co_await services_.resolver.addresses(name, services_.world.now() + resolving_time);
    note_resolution(name, resolved);
  }
  unsure_ = !resolved && resolved.error().reason != Reason::unresolved;
  if (!resolved && resolved.error().reason == Reason::timeout)
    co_return Error(Reason::unresolved, resolved.error().message);
  co_return resolved;
}

awaitable<std::optional<Error>> TargetRun::find_hosts() {
  if (member_.address) {
    hosts_.push_back(*member_.address);
    co_return std::nullopt;
  }
  const std::string& name = member_.entry->name;
  Result<net::Resolved> resolved = co_await resolve(name);
  if (!resolved) co_return resolved.error();
  if (!resolved->notice.empty()) {
    message_.notices.push_back(resolved->notice);
    half_resolved_ = Error(Reason::unresolved, resolved->notice);
  }
  ChosenHosts chosen = choose_hosts(plan_, name_guards_, *member_.entry, resolved->addresses);
  std::optional<Error> refused;
  for (const auto& [address, why] : chosen.refused) {
    message_.notices.push_back(why.message);
    refused = why;
  }
  if (member_.entry->settings->first_address && !chosen.asked.empty() &&
      chosen.all.size() > chosen.excluded.size() + 1) {
    message_.notices.push_back(fmt::format("{}: of its {} addresses only {} is asked (resolve = \"first\")", name,
                                           chosen.all.size(), format_address(chosen.asked.front())));
    refused.reset();
    message_.not_asked.push_back({NotAsked::every_rule, LeftOutBy::first_address});
  }
  resolved_ = std::move(chosen.all);
  hosts_ = std::move(chosen.asked);
  message_.excluded_addresses = std::move(chosen.excluded);
  all_excluded_ = hosts_.empty() && !refused && !message_.excluded_addresses.empty();
  if (hosts_.empty() && !refused)
    refused =
        Error(Reason::out_of_scope, fmt::format("{} resolves only to addresses that [scope] exclude takes out", name));
  if (hosts_.empty()) co_return refused;
  if (refused && !half_resolved_) half_resolved_ = refused;
  co_return std::nullopt;
}

inventory::Guard guard_of(const Plan& plan, const NameGuards* name_guards, const std::vector<IpAddress>& hosts) {
  inventory::Guard guard;
  for (const IpAddress& host : hosts) {
    if (plan.inventory->guards) guard.add(plan.inventory->guards->at(host));
    if (name_guards != nullptr) guard.add(name_guards->at(host));
  }
  return guard;
}

void TargetRun::guard_hosts() {
  const inventory::Guard guard = guard_of(plan_, name_guards_, hosts_);
  if (!guard.binds(*settings_)) return;
  const inventory::Settings& own = *settings_;
  inventory::Settings& all = guarded_.emplace(own);
  guard.bind(all);
  std::string held;
  const auto tell = [&](const std::string& what) { held += (held.empty() ? "" : ", and ") + what; };
  if (!(all.never == own.never)) tell(fmt::format("{} is never touched", all.never.format()));
  if (all.safety != own.safety || all.intrusive_allowed != own.intrusive_allowed)
    tell(fmt::format("no rule is asked that is more than safety = \"{}\"", name_of(all.safety)));
  if (all.limits.gap != own.limits.gap)
    tell(fmt::format("a probe is sent every {} at most", format_duration(all.limits.gap)));
  message_.notices.push_back(fmt::format("{}: {}, as another entry says of its address", message_.record.id, held));
  settings_ = &all;
}

}  // namespace audit::core
