#include "report/net_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/block.hpp"

namespace audit::report {
namespace {

AddressBlock subnet_of(const IpAddress& address) { return prefix_around(address, address.width() == 32 ? 24 : 64); }

/// The checks of a target by its id; those about the whole run have none.
std::map<std::string_view, Tallied> tallies_of(const RunRecord& record) {
  std::map<std::string_view, Tallied> tallies;
  for (const Check& check : record.checks) tallies[check.target].count(check);
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
  const std::map<std::string_view, Tallied> tallies = tallies_of(record);
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
    const auto tally = tallies.find(target.id);
    subnet.hosts.push_back({&target, tally == tallies.end() ? Tallied() : tally->second});
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

std::string service_of(const PortRecord& port, const RunRecord& record) {
  if (port.state != Reason::open) return {};
  const bool tcp = port.endpoint.transport == Transport::tcp;
  std::string text = fmt::format("{}/{}", port.endpoint.port, tcp ? "tcp" : "udp");
  const auto name = record.services.find(port.endpoint.port);
  if (tcp && name != record.services.end()) text += ' ' + name->second;
  return text;
}

}  // namespace audit::report
