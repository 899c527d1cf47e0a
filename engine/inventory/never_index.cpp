#include "inventory/never_index.hpp"

#include <map>
#include <string>

namespace audit::inventory {

NeverIndex::NeverIndex(const Inventory& inventory) {
  const std::string everywhere = inventory.scope.never.format();
  std::map<const Settings*, std::string> known;
  std::map<std::string, std::pair<TransportPorts, std::vector<AddressBlock>>> by_ports;
  for (const Entry& entry : inventory.entries) {
    if (entry.kind == Entry::Kind::name || !entry.settings) continue;
    auto [text, fresh] = known.try_emplace(entry.settings.get());
    if (fresh) text->second = entry.settings->never.format();
    if (text->second == everywhere) continue;
    auto& [never, blocks] = by_ports[text->second];
    never = entry.settings->never;
    blocks.push_back(entry.block);
  }
  for (const auto& [text, part] : by_ports) parts_.push_back({part.first, BlockIndex(part.second)});
}

TransportPorts NeverIndex::at(const IpAddress& address) const {
  TransportPorts never;
  for (const Part& part : parts_)
    if (part.blocks.find(address)) never.add(part.never);
  return never;
}

}  // namespace audit::inventory
