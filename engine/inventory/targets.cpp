#include "inventory/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/text.hpp"
#include "inventory/disclosure.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view how_to_add = "add [[targets]] and below it address = \"10.0.0.0/24\"";

void check_target_keys(Mistakes& mistakes, const NodeTable& table) {
  std::vector<std::string_view> known{"address", "groups", "zone"};
  known.insert(known.end(), std::begin(layer_keys), std::end(layer_keys));
  if (const KeyValue* never = find(table, "never")) {
    mistakes.add(never->at,
                 "never is a key of [scope] and of groups; make a group with it and name that in groups here");
    known.push_back("never");
  }
  if (const KeyValue* credentials = find(table, "credentials")) {
    mistakes.add(credentials->at,
                 "a credential says itself for whom it is: write groups or targets in [credentials.NAME]");
    known.push_back("credentials");
  }
  check_keys(mistakes, table, "[[targets]]", known);
}

}  // namespace

void read_zone(Mistakes& mistakes, const KeyValue& member, Layer& layer) {
  const auto zone = read_text(mistakes, member, "\"berlin\"");
  if (zone)
    layer.written.push_back(
        {"zone", literal(*zone), member.node.at, [zone = *zone](Draft& draft) { draft.settings.zone = zone; }});
}

std::string identity_of(const Entry& entry) {
  if (entry.kind == Entry::Kind::name) return entry.name;
  std::string block = format_block(entry.block);
  for (const AddressBlock& more : entry.more) block += "," + format_block(more);
  return entry.kind == Entry::Kind::block ? "block " + block : block;
}

void split_blocks(std::vector<Entry>& entries) {
  if (std::all_of(entries.begin(), entries.end(), [](const Entry& entry) { return entry.more.empty(); })) return;
  std::vector<Entry> split;
  for (Entry& entry : entries) {
    const std::vector<AddressBlock> more = std::move(entry.more);
    entry.more.clear();
    split.push_back(std::move(entry));
    for (const AddressBlock& block : more) {
      Entry piece = split.back();
      piece.block = block;
      split.push_back(std::move(piece));
    }
  }
  entries = std::move(split);
}

std::vector<Entry> TargetReader::read(const KeyValue* section, const std::vector<SourcedTargets>& sourced,
                                      bool has_sources) {
  std::vector<Entry> entries;
  if (section == nullptr && !has_sources) {
    mistakes_.add({1, 1}, fmt::format("there are no targets; {}", how_to_add));
    return entries;
  }
  const NodeList* nodes = section == nullptr ? nullptr : section->node.get_if<NodeList>();
  if (section != nullptr && nodes == nullptr) {
    mistakes_.add(section->at, "targets is a list of tables; write [[targets]], with two brackets, above each");
    return entries;
  }
  if (nodes != nullptr && nodes->empty() && !has_sources)
    mistakes_.add(section->at, fmt::format("there are no targets; {}", how_to_add));
  std::vector<Row> rows;
  Known known;
  if (nodes != nullptr) read_addresses(*nodes, nullptr, rows, entries, known);
  for (const SourcedTargets& source : sourced) read_addresses(source.tables, &source, rows, entries, known);
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.entry < b.entry; });
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;
    while (end < rows.size() && rows[end].entry == rows[i].entry && rows[i].entry != no_entry) ++end;
    read_settings(&rows[i], rows.data() + end, rows[i].entry == no_entry ? nullptr : &entries[rows[i].entry]);
    i = end;
  }
  split_blocks(entries);
  return entries;
}

void TargetReader::read_addresses(const NodeList& nodes, const SourcedTargets* source, std::vector<Row>& rows,
                                  std::vector<Entry>& entries, Known& known) {
  rows.reserve(rows.size() + nodes.size());
  entries.reserve(entries.size() + nodes.size());
  std::vector<Odd> odd;
  for (const Node& node : nodes) {
    if (node.get_if<NodeTable>() == nullptr) {
      mistakes_.add(node.at, fmt::format("a target has to be a table; {}; this is {}", how_to_add, kind_of(node)));
      continue;
    }
    Entry entry;
    if (!read_address(node, entry, source != nullptr, odd)) {
      rows.push_back({&node, no_entry, source});
      continue;
    }
    entry.place = mistakes_.place(node.at);
    const std::uint16_t port = entry.port;
    const auto [same, fresh] = known.emplace(identity_of(entry), entries.size());
    if (fresh) {
      entries.push_back(std::move(entry));
    } else {
      notices_.add(entry.place, fmt::format("{} is a target already ({}); the two entries are read as one",
                                            visible(entry.text), format_place(entries[same->second].place)));
    }
    rows.push_back({&node, same->second, source, port});
  }
  if (source != nullptr) complain(odd, nodes.size() - odd.size(), *source);
}

/// A source that is no list of targets may be a secret's file, of which nothing may stand in a message.
void TargetReader::complain(const std::vector<Odd>& odd, std::size_t good, const SourcedTargets& source) {
  const bool shown = source.structured || are_mostly_targets(good, odd.size());
  for (const Odd& one : odd) {
    if (shown && !one.complaint.empty()) {
      mistakes_.add(one.at, one.complaint);
      continue;
    }
    mistakes_.add(one.at, shown ? "this is no address, CIDR, range or name; it is not shown, since it does not look "
                                  "like one mistyped and may be a secret"
                                : "this is no address, CIDR, range or name; it is not shown, since most of the file is "
                                  "not either: is it the right file?");
  }
}

bool TargetReader::read_address(const Node& node, Entry& entry, bool sourced, std::vector<Odd>& odd) {
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
    if (!sourced) {
      mistakes_.add(address->node.at, complaint->text);
    } else {
      const bool kept = odd.size() <= Mistakes::most && may_be_shown(*text);  // of later ones none is told
      odd.push_back({address->node.at, kept ? complaint->text : std::string()});
    }
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
    read_url(*row, table, layer);
    if (const KeyValue* zone = find(table, "zone")) read_zone(mistakes_, *zone, layer);
    if (row->source != nullptr) inherit(layer, row->source->common, group_names, row->source->groups);
    if (row == first)
      own = std::move(layer);
    else
      unite(own, std::move(layer), entry->text);
  }
  const std::vector<std::size_t> groups = groups_.resolve(group_names);
  if (entry != nullptr) entry->settings = merger_.merge(groups, own, first->node->at);
}

void TargetReader::read_url(const Row& row, const NodeTable& table, Layer& layer) {
  if (row.port == 0) return;
  layer.ports.add(row.port, row.port);
  layer.urls.push_back(*find(table, "address")->node.get_if<std::string>());
}

/// What a source says of all of its targets holds where the target does not say otherwise.
void TargetReader::inherit(Layer& layer, const Layer& common, std::vector<Text>& group_names,
                           const std::vector<Text>& groups) {
  group_names.insert(group_names.end(), groups.begin(), groups.end());
  layer.tags.insert(layer.tags.end(), common.tags.begin(), common.tags.end());
  layer.ports.add(common.ports);
  for (const Written& written : common.written) {
    const bool said = std::any_of(layer.written.begin(), layer.written.end(),
                                  [&](const Written& one) { return one.key == written.key; });
    if (!said) layer.written.push_back(written);
  }
}

void TargetReader::unite(Layer& layer, Layer&& more, const std::string& target) {
  layer.tags.insert(layer.tags.end(), more.tags.begin(), more.tags.end());
  layer.ports.add(more.ports);
  for (std::string& url : more.urls)
    if (std::find(layer.urls.begin(), layer.urls.end(), url) == layer.urls.end()) layer.urls.push_back(std::move(url));
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
