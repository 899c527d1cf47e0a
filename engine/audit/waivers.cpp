#include "audit/waivers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "inventory/mistakes.hpp"

namespace audit::core {
namespace {

using inventory::EndpointPattern;
using inventory::TargetPattern;
using inventory::Waiver;

WaiverState state_of(const Waiver& waiver, std::uint32_t warn_days, Day today) {
  if (today < waiver.starts) return WaiverState::future;
  if (today > waiver.expires) return WaiverState::expired;
  return waiver.expires - today <= std::chrono::days(warn_days) ? WaiverState::expiring : WaiverState::active;
}

/// Where a result was seen: each of its endpoints; none where that is not known of all its evidence.
std::vector<Endpoint> places_of(const Check& check, const Finding& result) {
  std::vector<Endpoint> places;
  const auto add = [&](const std::string& text) {
    const auto endpoint = parse_endpoint(text);
    if (endpoint) places.push_back(*endpoint);
    return endpoint.has_value();
  };
  if (!result.endpoint.empty()) {
    if (!add(result.endpoint)) return {};
    return places;
  }
  if (check.observations_dropped > 0) return {};
  for (const Evidence& item : result.evidence)
    if (item.observation && !add(item.observation->endpoint)) return {};
  return places;
}

bool is_at(const EndpointPattern& pattern, const Endpoint& endpoint) {
  return pattern.transport == endpoint.transport && pattern.port == endpoint.port &&
         (!pattern.address || *pattern.address == canonical(endpoint.address));
}

bool is_of_zone(const TargetPattern& pattern, const TargetRecord& target) {
  return pattern.zone.empty() || pattern.zone == target.zone;
}

/// Does it name the checks of the whole run?
bool is_everything(const TargetPattern& pattern) {
  return pattern.kind == TargetPattern::Kind::everything && pattern.zone.empty();
}

bool holds(const TargetPattern& pattern, const TargetRecord& target, const IpAddress& address) {
  if (!is_of_zone(pattern, target)) return false;
  return std::any_of(pattern.blocks.begin(), pattern.blocks.end(),
                     [&](const AddressBlock& block) { return block.contains(canonical(address)); });
}

bool holds(const Waiver& waiver, const TargetRecord& target, const IpAddress& address) {
  return std::any_of(waiver.targets.begin(), waiver.targets.end(),
                     [&](const TargetPattern& pattern) { return holds(pattern, target, address); });
}

/// By what the target is called and belongs to, wherever the result was seen.
bool names_target(const TargetPattern& pattern, const TargetRecord& target) {
  if (!is_of_zone(pattern, target)) return false;
  const auto is_called = [&](const std::string& name) { return glob_match(pattern.word, name); };
  switch (pattern.kind) {
    case TargetPattern::Kind::everything: return true;
    case TargetPattern::Kind::group:
      return std::find(target.groups.begin(), target.groups.end(), pattern.word) != target.groups.end();
    case TargetPattern::Kind::name: return std::any_of(target.names.begin(), target.names.end(), is_called);
    case TargetPattern::Kind::addresses: return false;
  }
  return false;
}

/// Does the waiver have anything to do with this target? Asked once for all its checks.
bool concerns(const Waiver& waiver, const TargetRecord* target) {
  return std::any_of(waiver.targets.begin(), waiver.targets.end(), [&](const TargetPattern& pattern) {
    if (target == nullptr) return is_everything(pattern);
    if (names_target(pattern, *target)) return true;
    return std::any_of(target->addresses.begin(), target->addresses.end(),
                       [&](const IpAddress& address) { return holds(pattern, *target, address); });
  });
}

bool names_place(const Waiver& waiver, const TargetRecord* target, const Check& check, const Finding& result) {
  const std::vector<Endpoint> places = places_of(check, result);
  if (waiver.endpoint && (places.empty() || !std::all_of(places.begin(), places.end(), [&](const Endpoint& place) {
                            return is_at(*waiver.endpoint, place);
                          })))
    return false;
  if (target == nullptr) return std::any_of(waiver.targets.begin(), waiver.targets.end(), is_everything);
  const auto by_name = [&](const TargetPattern& pattern) { return names_target(pattern, *target); };
  if (std::any_of(waiver.targets.begin(), waiver.targets.end(), by_name)) return true;
  if (!places.empty())
    return std::all_of(places.begin(), places.end(),
                       [&](const Endpoint& at) { return holds(waiver, *target, at.address); });
  return !target->addresses.empty() &&
         std::all_of(target->addresses.begin(), target->addresses.end(),
                     [&](const IpAddress& address) { return holds(waiver, *target, address); });
}

}  // namespace

std::vector<WaiverRecord> judge_waivers(const inventory::Inventory& inventory, Day today) {
  std::vector<WaiverRecord> records;
  for (const Waiver& waiver : inventory.waivers) {
    WaiverRecord record;
    record.id = waiver.id;
    record.rule = waiver.rule;
    for (const TargetPattern& pattern : waiver.targets) record.targets.push_back(pattern.text);
    if (waiver.endpoint) record.endpoint = waiver.endpoint->text;
    record.reason = waiver.reason;
    record.approver = waiver.approver;
    record.ticket = waiver.ticket;
    if (waiver.covers_fail) record.covers.emplace_back("fail");
    if (waiver.covers_unreachable) record.covers.emplace_back("unreachable");
    record.starts = waiver.starts;
    record.expires = waiver.expires;
    record.state = state_of(waiver, inventory.warn_days, today);
    record.days_left = (waiver.expires - today).count();
    records.push_back(std::move(record));
  }
  return records;
}

bool names(const Waiver& waiver, const TargetRecord* target, const Check& check, const Finding& result) {
  return glob_match(waiver.rule, check.rule) && names_place(waiver, target, check, result);
}

bool covers(const Waiver& waiver, const Finding& result) noexcept {
  if (result.status == Status::fail) return waiver.covers_fail;
  const bool away =
      result.reason == Reason::unreachable || result.reason == Reason::unresolved || result.reason == Reason::filtered;
  return waiver.covers_unreachable && result.status == Status::not_reviewed && away;
}

namespace {

/// May a result that was not seen be put down to the host's being away? One that answers is not away, whatever of it was
/// not seen; a name is only where a server said that there is none, not where no server could be asked.
bool may_be_away(const TargetRecord* target, const Finding& result) {
  if (result.reason == Reason::unresolved) return target != nullptr && target->life == TargetLife::unresolved;
  return target == nullptr || target->life != TargetLife::alive;
}

}  // namespace

void apply_waivers(const std::vector<Waiver>& waivers, const TargetRecord* target, std::vector<Check>& checks,
                   std::vector<WaiverRecord>& records) {
  for (std::size_t i = 0; i < waivers.size(); ++i) {
    const Waiver& waiver = waivers[i];
    if (!concerns(waiver, target)) continue;
    WaiverRecord& record = records[i];
    for (Check& check : checks) {
      if (!glob_match(waiver.rule, check.rule)) continue;
      for (Finding& result : check.results) {
        if (!names_place(waiver, target, check, result)) continue;
        ++record.named;
        if (!covers(waiver, result) || (result.status != Status::fail && !may_be_away(target, result))) continue;
        ++record.matched;
        if (!record.in_force() || !result.waiver.empty()) continue;
        result.waiver = waiver.id;
        ++record.waived;
      }
    }
  }
}

std::vector<std::string> waiver_mistakes(const std::vector<Waiver>& waivers, const std::vector<std::string>& rules) {
  std::vector<std::string> mistakes;
  for (const Waiver& waiver : waivers) {
    const auto is_meant = [&](const std::string& rule) { return glob_match(waiver.rule, rule); };
    if (std::any_of(rules.begin(), rules.end(), is_meant)) continue;
    const std::string_view close = nearest(waiver.rule, std::vector<std::string_view>(rules.begin(), rules.end()));
    mistakes.push_back(fmt::format("{}: waiver {}: `{}` matches no rule{}", inventory::format_place(waiver.rule_place),
                                   visible(waiver.id), visible(waiver.rule),
                                   close.empty() ? std::string("; `audit rules list` shows what there is")
                                                 : fmt::format("; did you mean `{}`?", close)));
  }
  return mistakes;
}

}  // namespace audit::core
