#include "cli/watch_sight.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/run_checks.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t most_port_rows = 256;  // of a target: what is past them is only counted

WatchSight sight_of(const TargetRecord& target) {
  WatchSight sight{{Watched::target, target.id, ""}, std::string(unknown_state), target.life_message};
  if (target.life == TargetLife::alive) sight.state = "up";
  if (target.life == TargetLife::silent) sight.state = "down";
  if (target.life == TargetLife::unresolved && sight.message.empty())
    sight.message = "its name leads to no address that may be asked";
  return sight;
}

/// No answer of a host that answers nothing else says nothing of the port: it may be the host that is gone.
WatchSight sight_of(const TargetRecord& target, const PortRecord& port) {
  WatchSight sight{
      {Watched::port, target.id, format_endpoint(port.endpoint)}, std::string(name_of(port.state)), port.message};
  const bool answered = port.state == Reason::open || port.state == Reason::closed;
  const bool filtered = port.state == Reason::filtered && target.life == TargetLife::alive;
  if (answered || filtered) return sight;
  sight.state = unknown_state;
  if (sight.message.empty()) sight.message = fmt::format("not seen ({})", name_of(port.state));
  return sight;
}

WatchSight sight_of(const Check& check) {
  const Finding& finding = check.foremost();
  WatchSight sight{{Watched::check, check.target, check.rule},
                   std::string(name_of(finding.status)),
                   finding.message,
                   finding.severity};
  if (finding.status != Status::error && finding.status != Status::not_reviewed) return sight;
  sight.state = unknown_state;
  sight.message = fmt::format("{} ({}): {}", name_of(finding.status), name_of(finding.reason), finding.message);
  return sight;
}

/// The address in "tcp/10.0.0.1:23" or "udp/[2001:db8::1]:53".
std::string_view host_in(std::string_view endpoint) {
  endpoint.remove_prefix(std::min(endpoint.find('/'), endpoint.size() - 1) + 1);
  endpoint = endpoint.substr(0, endpoint.rfind(':'));
  if (endpoint.starts_with('[') && endpoint.ends_with(']')) return endpoint.substr(1, endpoint.size() - 2);
  return endpoint;
}

}  // namespace

RoundSight::RoundSight(const RunRecord& record) : record_(record) {
  for (const TargetRecord& target : record.targets) targets_.emplace(target.id, &target);
}

std::vector<WatchSight> RoundSight::all() const {
  std::vector<WatchSight> sights;
  for (const TargetRecord& target : record_.targets) {
    sights.push_back(sight_of(target));
    for (const PortRecord& port : target.ports) sights.push_back(sight_of(target, port));
  }
  for (const Check& check : record_.checks) sights.push_back(sight_of(check));
  return sights;
}

WatchSight RoundSight::absent(const WatchKey& key) const {
  WatchSight sight{key, std::string(unknown_state), "its target is not among those of this round"};
  if (key.kind == Watched::port) return absent_port(key);
  if (!dark(key.target)) return sight;
  sight.message = "it gave no sign of life";
  if (key.kind == Watched::target) sight.state = "down";
  return sight;
}

bool RoundSight::knows(const WatchKey& key) const {
  const auto found = targets_.find(key.target);
  const bool of_run = key.target == core::every_target;
  if (found == targets_.end() && !of_run) return dark(key.target);
  if (key.kind == Watched::target) return true;
  if (key.kind == Watched::port && !of_run) {
    const std::vector<PortRecord>& ports = found->second->ports;
    return std::any_of(ports.begin(), ports.end(),
                       [&](const PortRecord& port) { return format_endpoint(port.endpoint) == key.name; });
  }
  return std::any_of(record_.rules.begin(), record_.rules.end(),
                     [&](const RuleRecord& rule) { return rule.id == key.name; });
}

WatchSight RoundSight::absent_port(const WatchKey& key) const {
  WatchSight sight{key, std::string(unknown_state), "its target was not seen"};
  const auto found = targets_.find(key.target);
  if (found == targets_.end()) return sight;
  const TargetRecord& target = *found->second;
  if (target.addresses.empty()) return sight;
  const auto same = [&](const IpAddress& address) { return format_address(address) == host_in(key.name); };
  if (std::none_of(target.addresses.begin(), target.addresses.end(), same)) {
    sight.state = gone_state;
    sight.message = "the name does not lead to this address any more";
    return sight;
  }
  const bool all_seen = target.life == TargetLife::alive && target.ports_unasked == 0;
  if (!all_seen || target.ports.size() >= most_port_rows) return sight;
  sight.state = "not open";
  sight.message = "closed or filtered: where many ports are swept, only open ones are told apart";
  return sight;
}

bool RoundSight::dark(std::string_view target) const {
  const std::optional<IpAddress> address = parse_address(target.substr(target.rfind('/') + 1));
  if (!address) return false;
  return std::any_of(record_.dark.begin(), record_.dark.end(), [&](const AddressList& list) {
    return std::any_of(list.blocks.begin(), list.blocks.end(),
                       [&](const AddressBlock& block) { return block.contains(*address); });
  });
}

}  // namespace audit::cli
