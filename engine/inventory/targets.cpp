#include "inventory/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/text.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view how_to_add = "add [[targets]] and below it address = \"10.0.0.0/24\"";

void check_target_keys(Mistakes& mistakes, const NodeTable& table) {
  std::vector<std::string_view> known{"address", "groups"};
  known.insert(known.end(), std::begin(layer_keys), std::end(layer_keys));
  static const std::vector<Later> later{
      {"ports", "ports of a target"}, {"zone", "zones"}, {"credentials", "credentials"}};
  if (const KeyValue* never = find(table, "never")) {
    mistakes.add(never->at,
                 "never is a key of [scope] and of groups; make a group with it and name that in groups here");
    known.push_back("never");
  }
  check_keys(mistakes, table, "[[targets]]", known, later);
}

}  // namespace

std::string identity_of(const Entry& entry) {
  if (entry.kind == Entry::Kind::name) return entry.name;
  const std::string block = format_block(entry.block);
  return entry.kind == Entry::Kind::block ? "block " + block : block;
}

std::vector<Entry> TargetReader::read(const KeyValue* section) {
  std::vector<Entry> entries;
  if (section == nullptr) {
    mistakes_.add({1, 1}, fmt::format("there are no targets; {}", how_to_add));
    return entries;
  }
  const auto* nodes = section->node.get_if<NodeList>();
  if (nodes == nullptr) {
    mistakes_.add(section->at, "targets is a list of tables; write [[targets]], with two brackets, above each");
    return entries;
  }
  if (nodes->empty()) mistakes_.add(section->at, fmt::format("there are no targets; {}", how_to_add));
  std::vector<Row> rows = read_addresses(*nodes, entries);
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.entry < b.entry; });
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;
    while (end < rows.size() && rows[end].entry == rows[i].entry && rows[i].entry != no_entry) ++end;
    read_settings(&rows[i], rows.data() + end, rows[i].entry == no_entry ? nullptr : &entries[rows[i].entry]);
    i = end;
  }
  return entries;
}

std::vector<TargetReader::Row> TargetReader::read_addresses(const NodeList& nodes, std::vector<Entry>& entries) {
  std::vector<Row> rows;
  std::unordered_map<std::string, std::size_t> known;
  rows.reserve(nodes.size());
  entries.reserve(nodes.size());
  for (const Node& node : nodes) {
    if (node.get_if<NodeTable>() == nullptr) {
      mistakes_.add(node.at, fmt::format("a target has to be a table; {}; this is {}", how_to_add, kind_of(node)));
      continue;
    }
    Entry entry;
    if (!read_address(node, entry)) {
      rows.push_back({&node, no_entry});
      continue;
    }
    entry.place = mistakes_.place(node.at);
    const auto [same, fresh] = known.emplace(identity_of(entry), entries.size());
    if (fresh) {
      entries.push_back(std::move(entry));
    } else {
      notices_.add(entry.place, fmt::format("{} is a target already ({}); the two entries are read as one",
                                            visible(entry.text), format_place(entries[same->second].place)));
    }
    rows.push_back({&node, same->second});
  }
  return rows;
}

bool TargetReader::read_address(const Node& node, Entry& entry) {
  const auto& table = *node.get_if<NodeTable>();
  const KeyValue* address = find(table, "address");
  if (address == nullptr) {
    mistakes_.add(node.at, "this target has no address; write address = \"10.0.0.1\", a CIDR, a range or a name");
    return false;
  }
  const auto* text = address->node.get_if<std::string>();
  if (text == nullptr) {
    wrong_kind(mistakes_, *address, "one address, CIDR, range or name in quotes", "\"10.0.0.0/24\"");
    return false;
  }
  auto parsed = parse_target(*text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
    mistakes_.add(address->node.at, complaint->text);
    return false;
  }
  entry = std::get<Entry>(std::move(parsed));
  return true;
}

/// Reads the tables of one entry, which are several only where it is listed again.
void TargetReader::read_settings(const Row* first, const Row* last, Entry* entry) {
  Layer own;
  std::vector<Text> group_names;
  for (const Row* row = first; row != last; ++row) {
    const auto& table = *row->node->get_if<NodeTable>();
    check_target_keys(mistakes_, table);
    Layer layer = read_layer(mistakes_, table, params_);
    if (const KeyValue* groups = find(table, "groups")) {
      const auto names = read_texts(mistakes_, *groups, "\"switches\"");
      group_names.insert(group_names.end(), names.begin(), names.end());
    }
    if (row == first)
      own = std::move(layer);
    else
      unite(own, std::move(layer), entry->text);
  }
  const std::vector<std::size_t> groups = groups_.resolve(group_names);
  if (entry != nullptr) entry->settings = merger_.merge(groups, own, first->node->at);
}

void TargetReader::unite(Layer& layer, Layer&& more, const std::string& target) {
  layer.tags.insert(layer.tags.end(), more.tags.begin(), more.tags.end());
  for (Written& written : more.written) {
    const auto same = std::find_if(layer.written.begin(), layer.written.end(),
                                   [&](const Written& before) { return before.key == written.key; });
    if (same == layer.written.end()) {
      layer.written.push_back(std::move(written));
    } else if (same->shown != written.shown) {
      mistakes_.add(written.at,
                    fmt::format("{} is listed twice and {} set differently: {} at {}, {} here; keep one of them",
                                visible(target), abbreviated(same->key), abbreviated(same->shown),
                                mistakes_.where(same->at), abbreviated(written.shown)));
    }
  }
}

}  // namespace audit::inventory
