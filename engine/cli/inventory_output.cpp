#include "cli/inventory_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/text.hpp"
#include "inventory/mistakes.hpp"
#include "inventory/zone_index.hpp"

namespace audit::cli {
namespace {

using inventory::Entry;

std::string kind_of(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::address: return "address";
    case Entry::Kind::name: return "name";
    case Entry::Kind::block: break;
  }
  return counted(entry.block.size(), "candidate");
}

std::string shown(const std::vector<std::string>& words) {
  return words.empty() ? "-" : visible(fmt::format("{}", fmt::join(words, ", ")));
}

/// A network may lie in several.
std::vector<std::string> zones_of(const Entry& entry, const inventory::ZoneIndex& zones) {
  if (entry.kind == Entry::Kind::name)
    return entry.settings->zone.empty() ? std::vector<std::string>() : std::vector{entry.settings->zone};
  std::vector<std::string> names;
  for (const inventory::ZoneIndex::Part& part : zones.parts_of(entry.block)) {
    const std::string name = part.zone == nullptr ? "-" : part.zone->name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string place_or_default(const inventory::Place& place) {
  return place.line == 0 ? std::string() : ", " + inventory::format_place(place);
}

/// Columns as wide as what stands in them; the last is not padded, and one without anything is left out.
template <std::size_t count>
class Table {
 public:
  void row(std::array<std::string, count> cells) { rows_.push_back(std::move(cells)); }
  void print() const {
    std::array<std::size_t, count> widths{};
    for (const auto& row : rows_)
      for (std::size_t i = 0; i < count; ++i) widths[i] = std::max(widths[i], columns(row[i]));
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < count; ++i) {
        if (widths[i] == 0) continue;
        line += row[i];
        if (i + 1 < count) line.append(widths[i] - columns(row[i]) + 2, ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      fmt::print("{}\n", line);
    }
  }

 private:
  std::vector<std::array<std::string, count>> rows_;
};

}  // namespace

void print_inventory(const inventory::Inventory& inventory) {
  const inventory::ZoneIndex zones(inventory.zones);
  Table<7> table;
  const bool zoned = !inventory.zones.empty();
  table.row({"TARGET", zoned ? "ZONE" : "", "KIND", "GROUPS", "TAGS", "OWNER", "WRITTEN AT"});
  std::uint64_t candidates = 0;
  for (const Entry& entry : inventory.entries) {
    if (entry.kind == Entry::Kind::block) candidates += entry.block.size();
    const inventory::Settings& settings = *entry.settings;
    table.row({visible(entry.text), zoned ? shown(zones_of(entry, zones)) : "", kind_of(entry), shown(settings.groups),
               shown(settings.tags), settings.owner.empty() ? "-" : visible(settings.owner),
               inventory::format_place(entry.place)});
  }
  table.print();
  for (const inventory::Exclude& exclude : inventory.scope.exclude)
    fmt::print("Excluded: {} ({})\n", visible(exclude.text), inventory::format_place(exclude.place));
  fmt::print("{}, {} in blocks; {}; {}\n", counted(inventory.entries.size(), "entry", "entries"),
             counted(candidates, "candidate"), counted(inventory.groups.size(), "group"),
             counted(std::max<std::size_t>(inventory.files.size(), 1), "file"));
}

void print_explained(const std::string& target, const inventory::Membership& membership) {
  const Entry& entry = *membership.entry;
  fmt::print("{}: {} ({}){}\n", visible(target),
             entry.kind == Entry::Kind::block ? fmt::format("a candidate of {}", visible(entry.text)) : "listed",
             inventory::format_place(entry.place), membership.excluded == nullptr ? "" : ", and excluded");
  if (membership.excluded != nullptr)
    fmt::print("Excluded by {} ({}): nothing is sent there\n", visible(membership.excluded->text),
               inventory::format_place(membership.excluded->place));
  for (const Entry* other : membership.also)
    fmt::print("Passed over: {} ({}), which covers it too; the stricter `never`, `safety` and `gap` hold\n",
               visible(other->text), inventory::format_place(other->place));
  if (membership.zone != nullptr) fmt::print("Zone: {}\n", visible(membership.zone->name));
  fmt::print("Groups: {}\n", shown(entry.settings->groups));
  Table<3> table;
  table.row({"KEY", "VALUE", "FROM"});
  for (const inventory::Setting& setting : inventory::explain(membership)) {
    const bool adds_up = setting.key == "tags" || setting.key == "never";
    const auto from = [](const inventory::Origin& origin) {
      return visible(origin.from) + place_or_default(origin.place);
    };
    if (setting.origins.empty()) {
      table.row({visible(setting.key), setting.value.empty() ? "-" : visible(setting.value), "default"});
      continue;
    }
    for (std::size_t i = 0; i < setting.origins.size(); ++i) {
      const inventory::Origin& origin = setting.origins[i];
      table.row({i == 0 ? visible(setting.key) : "", visible(origin.value),
                 (i == 0 || adds_up ? "" : "overridden: ") + from(origin)});
    }
  }
  table.print();
}

}  // namespace audit::cli
