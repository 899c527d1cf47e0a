#include <fmt/format.h>

#include <algorithm>

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

bool TargetRun::is_excluded(const IpAddress& address) const {
  return (!member_.address && plan_.scope.excluded(address)) ||
         (name_guards_ != nullptr && name_guards_->excluded(address) != nullptr);
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
  std::optional<Error> refused;
  for (const IpAddress& address : resolved->addresses) {
    const IpAddress real = canonical(address);
    if (std::find(resolved_.begin(), resolved_.end(), real) == resolved_.end()) resolved_.push_back(real);
    if (is_excluded(real)) {
      message_.excluded_addresses.push_back(real);
    } else if (Result<void> admitted = plan_.scope.admit_resolved(real, name); !admitted) {
      message_.notices.push_back(admitted.error().message);
      refused = admitted.error();
    } else if (std::find(hosts_.begin(), hosts_.end(), real) == hosts_.end()) {
      hosts_.push_back(real);
    }
  }
  if (settings_->first_address && !hosts_.empty() && resolved_.size() > message_.excluded_addresses.size() + 1) {
    message_.notices.push_back(fmt::format("{}: of its {} addresses only {} is asked (resolve = \"first\")", name,
                                           resolved_.size(), format_address(hosts_.front())));
    hosts_.resize(1);
    refused.reset();
    message_.not_asked.push_back({NotAsked::every_rule, LeftOutBy::first_address});
  }
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
