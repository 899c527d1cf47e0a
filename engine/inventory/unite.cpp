#include "inventory/unite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "inventory/read_value.hpp"

namespace audit::inventory {
namespace {

KeyValue* find_same(NodeTable& table, const std::string& key) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const KeyValue& member) { return member.key == key; });
  return found == table.end() ? nullptr : &*found;
}

void tell_twice(Mistakes& mistakes, const std::string& shown, const KeyValue& first, const KeyValue& second) {
  mistakes.add(second.at, fmt::format("{} is set at {} already; an inventory says each thing once, in one of its files",
                                      shown, mistakes.where(first.at)));
}

void append(NodeList& list, NodeList&& more) {
  list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// More excludes and never ports only make an audit touch less; of everything else one file would contradict the other.
bool takes_away(const std::string& section, const std::string& key) {
  return section == "scope" && (key == "exclude" || key == "never");
}

void unite_section(Mistakes& mistakes, const std::string& section, NodeTable& table, NodeTable&& more) {
  for (KeyValue& member : more) {
    KeyValue* same = find_same(table, member.key);
    if (same == nullptr) {
      table.push_back(std::move(member));
      continue;
    }
    auto* list = std::get_if<NodeList>(&same->node.value);
    auto* added = std::get_if<NodeList>(&member.node.value);
    auto* inner = std::get_if<NodeTable>(&same->node.value);
    auto* inner_added = std::get_if<NodeTable>(&member.node.value);
    if (takes_away(section, member.key) && list != nullptr && added != nullptr)
      append(*list, std::move(*added));
    else if (section == "params" && inner != nullptr && inner_added != nullptr)
      unite_section(mistakes, "params." + literal(member.key), *inner, std::move(*inner_added));
    else if (section == "groups" || section == "zones" || section == "credentials")
      tell_twice(mistakes, fmt::format("[{}.{}]", section, abbreviated(member.key)), *same, member);
    else
      tell_twice(mistakes, fmt::format("[{}] {}", section, abbreviated(member.key)), *same, member);
  }
}

}  // namespace

void unite(Mistakes& mistakes, NodeTable& root, NodeTable&& more) {
  for (KeyValue& member : more) {
    KeyValue* same = find_same(root, member.key);
    if (same == nullptr) {
      root.push_back(std::move(member));
      continue;
    }
    auto* list = std::get_if<NodeList>(&same->node.value);
    auto* added = std::get_if<NodeList>(&member.node.value);
    auto* table = std::get_if<NodeTable>(&same->node.value);
    auto* table_added = std::get_if<NodeTable>(&member.node.value);
    if (list != nullptr && added != nullptr)
      append(*list, std::move(*added));
    else if (table != nullptr && table_added != nullptr)
      unite_section(mistakes, member.key, *table, std::move(*table_added));
    else if (same->node.value.index() != member.node.value.index())
      mistakes.add(member.at,
                   fmt::format("{} is {} here and {} at {}; both have to be of one kind", abbreviated(member.key),
                               kind_of(member.node), kind_of(same->node), mistakes.where(same->at)));
    else
      tell_twice(mistakes, abbreviated(member.key), *same, member);
  }
}

}  // namespace audit::inventory
