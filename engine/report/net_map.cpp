#include "report/net_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/block.hpp"
#include "base/text.hpp"

namespace audit::report {
namespace {

AddressBlock subnet_of(const IpAddress& address) { return prefix_around(address, address.width() == 32 ? 24 : 64); }

/// The checks of each target by its id; those about the whole run have none.
std::unordered_map<std::string_view, Tallied> tallies_of(const RunRecord& record) {
  std::unordered_map<std::string_view, Tallied> tallies;
  for (const TargetRecord& target : record.targets) tallies.try_emplace(target.id);
  record.checks.by_target(Detail::results, [&](std::span<const Check> checks) {
    const auto tally = tallies.find(checks.front().target);
    if (tally == tallies.end()) return;
    for (const Check& check : checks) tally->second.count(check);
  });
  return tallies;
}

}  // namespace

void Tallied::count(const Check& check) {
  ++checks[static_cast<std::size_t>(check.status())];
  for (const Finding& result : check.results) {
    if (result.status != Status::fail) continue;
    ++failures;
    if (!result.waiver.empty())
      ++waived;
    else
      worst = std::max(worst, result.severity);
  }
}

void Tallied::add(const Tallied& other) {
  for (std::size_t i = 0; i < status_count; ++i) checks[i] += other.checks[i];
  failures += other.failures;
  waived += other.waived;
  worst = std::max(worst, other.worst);
}

NetMap map_of(const RunRecord& record) {
  const std::unordered_map<std::string_view, Tallied> tallies = tallies_of(record);
  using Subnets = std::map<std::pair<bool, IpAddress>, MappedSubnet>;  // those without an address come last
  std::map<std::string_view, Subnets> zones;
  for (const TargetRecord& target : record.targets) {
    std::pair<bool, IpAddress> place{true, {}};
    std::string name;
    if (!target.addresses.empty()) {
      const AddressBlock block = subnet_of(target.addresses.front());
      place = {false, block.first};
      name = format_block(block);
    }
    MappedSubnet& subnet = zones[target.zone][place];
    subnet.name = std::move(name);
    subnet.hosts.push_back({&target, tallies.at(target.id)});
  }
  NetMap map;
  map.hosts = record.targets.size();
  for (auto& [name, subnets] : zones) {
    MappedZone& zone = map.zones.emplace_back();
    zone.name = name;
    for (auto& [place, subnet] : subnets) zone.subnets.push_back(std::move(subnet));
  }
  return map;
}

std::string words_of(const Tallied& tally) {
  std::string text = tally.failures == 0 ? "no failure" : counted(tally.failures, "failure");
  if (tally.failures > tally.waived) text += fmt::format(", worst {}", name_of(tally.worst));
  if (tally.waived > 0) text += fmt::format(", {} waived", tally.waived);
  if (tally.blind() > 0) text += fmt::format(", {} not judged", tally.blind());
  return text;
}

std::string title_of(const MappedSubnet& subnet) { return subnet.name.empty() ? "without an address" : subnet.name; }

Tallied tally_of(const MappedSubnet& subnet) {
  Tallied tally;
  for (const MappedHost& host : subnet.hosts) tally.add(host.tally);
  return tally;
}

std::size_t alive_in(const MappedSubnet& subnet) {
  return static_cast<std::size_t>(std::count_if(subnet.hosts.begin(), subnet.hosts.end(), [](const MappedHost& host) {
    return host.target->life == TargetLife::alive;
  }));
}

std::vector<CommonService> common_services(const MappedSubnet& subnet, const RunRecord& record) {
  std::map<std::pair<Transport, std::uint16_t>, std::pair<std::uint64_t, const PortRecord*>> counts;
  for (const MappedHost& host : subnet.hosts)
    for (const PortRecord& port : host.target->ports) {
      if (port.state != Reason::open) continue;
      auto& [count, first] = counts[{port.endpoint.transport, port.endpoint.port}];
      if (count++ == 0) first = &port;
    }
  std::vector<CommonService> common;
  for (const auto& [port, counted_port] : counts)
    common.push_back({counted_port.first, service_of(*counted_port.second, record)});
  std::stable_sort(common.begin(), common.end(),
                   [](const CommonService& a, const CommonService& b) { return a.hosts > b.hosts; });
  return common;
}

std::string service_of(const PortRecord& port, const RunRecord& record) {
  if (port.state != Reason::open) return {};
  const bool tcp = port.endpoint.transport == Transport::tcp;
  std::string text = fmt::format("{}/{}", port.endpoint.port, tcp ? "tcp" : "udp");
  const auto name = record.services.find(port.endpoint.port);
  if (tcp && name != record.services.end()) text += ' ' + name->second;
  return text;
}

}  // namespace audit::report
