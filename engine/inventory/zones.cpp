#include "inventory/zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inventory/addresses.hpp"
#include "inventory/zone_index.hpp"

namespace audit::inventory {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string_view::npos;
}

void read_networks(Mistakes& mistakes, const KeyValue& member, Zone& zone,
                   std::map<std::string, const std::string*>& owners, const std::string& name) {
  for (const Text& item : read_texts(mistakes, member, "\"10.1.0.0/16\"")) {
    const auto parsed = parse_addresses(item.text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      mistakes.add(item.at, complaint->text);
      continue;
    }
    const auto& [form, block] = std::get<Addresses>(parsed);
    if (form == Addresses::Form::range) {
      mistakes.add(item.at, fmt::format("{} is a range; the networks of a zone are CIDRs, so that the most specific of "
                                        "two can be told",
                                        quoted(item.text)));
      continue;
    }
    const auto [same, fresh] = owners.emplace(format_block(block), &name);
    if (!fresh) {
      mistakes.add(item.at, *same->second == name
                                ? fmt::format("{} is listed twice", quoted(item.text))
                                : fmt::format("{} is a network of the zone {} already; an address has one zone",
                                              quoted(item.text), quoted(*same->second)));
      continue;
    }
    zone.networks.push_back(block);
  }
}

}  // namespace

std::vector<Zone> read_zones(Mistakes& mistakes, const KeyValue* section) {
  std::vector<Zone> zones;
  const NodeTable* table = section == nullptr ? nullptr : read_table(mistakes, *section, "[zones.NAME]");
  if (table == nullptr) return zones;
  std::map<std::string, const std::string*> owners;
  for (const KeyValue& member : *table) {
    const std::string header = fmt::format("[zones.{}]", abbreviated(member.key));
    if (!is_name(member.key))
      mistakes.add(member.at, fmt::format("{} is no name of a zone: letters, digits, - and _ are, since it stands "
                                          "before a / in the ids of targets",
                                          quoted(member.key)));
    const NodeTable* keys = read_table(mistakes, member, header);
    if (keys == nullptr) continue;
    check_keys(mistakes, *keys, header, {"networks"});
    Zone zone;
    zone.name = member.key;
    zone.place = mistakes.place(member.at);
    if (const KeyValue* networks = find(*keys, "networks"))
      read_networks(mistakes, *networks, zone, owners, member.key);
    zones.push_back(std::move(zone));
  }
  return zones;
}

void check_zones(Mistakes& mistakes, const std::vector<Zone>& zones, const std::vector<Entry>& entries) {
  const ZoneIndex index(zones);
  std::vector<std::string_view> names;
  for (const Zone& zone : zones) names.push_back(zone.name);
  for (const Entry& entry : entries) {
    const std::string& written = entry.settings->zone;
    if (written.empty()) continue;
    const Position at = mistakes.position(entry.place);
    if (std::find(names.begin(), names.end(), written) == names.end()) {
      mistakes.add(at, fmt::format("there is no zone {}{}", quoted(written),
                                   names.empty() ? "; add [zones.NAME]" : suggestion(written, names)));
      continue;
    }
    if (entry.kind == Entry::Kind::name) continue;
    for (const ZoneIndex::Part& part : index.parts_of(entry.block)) {
      if (part.zone != nullptr && part.zone->name == written) continue;
      mistakes.add(
          at,
          fmt::format("{} says zone = {}, and {} is {}", visible(entry.text), quoted(written), format_block(part.block),
                      part.zone == nullptr ? std::string("in no network of it")
                                           : fmt::format("in a network of the zone {}", quoted(part.zone->name))));
      break;
    }
  }
}

const Zone* zone_before(std::string_view text, const std::vector<Zone>& zones, std::string_view& rest) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return nullptr;
  for (const Zone& zone : zones) {
    if (zone.name != text.substr(0, slash)) continue;
    rest = text.substr(slash + 1);
    return &zone;
  }
  return nullptr;
}

std::string unknown_zone(std::string_view text, const std::vector<Zone>& zones) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string_view before = text.substr(0, text.find('/'));
  const bool meant =
      before.size() < text.size() && is_name(before) && before.find_first_of(letters) != std::string_view::npos;
  std::vector<std::string_view> names;
  for (const Zone& zone : zones) names.push_back(zone.name);
  if (!meant || std::find(names.begin(), names.end(), before) != names.end()) return {};
  return fmt::format("there is no zone {}, which {} is to be in{}", inventory::quoted(before), visible(text, 80),
                     names.empty() ? "; add [zones.NAME]" : suggestion(before, names));
}

}  // namespace audit::inventory
