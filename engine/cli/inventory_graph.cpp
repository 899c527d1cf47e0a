#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.hpp"
#include "cli/inventory_output.hpp"
#include "inventory/mistakes.hpp"

namespace audit::cli {
namespace {

using inventory::GroupRecord;

/// Groups with those that inherit from them below; a group with several parents stands below each, its own heirs at the
/// first alone.
class Forest {
 public:
  explicit Forest(const inventory::Inventory& inventory) : inventory_(inventory) {
    for (const GroupRecord& group : inventory.groups)
      for (const std::string& parent : group.parents) heirs_[parent].push_back(&group);
    for (const inventory::Entry& entry : inventory.entries)
      for (const std::string& group : entry.settings->groups) ++entries_[group];
  }

  void print() {
    for (const GroupRecord& group : inventory_.groups)
      if (group.parents.empty()) print(group, "", "");
  }

 private:
  void print(const GroupRecord& group, const std::string& lead, const std::string& below) {
    const auto heirs = heirs_.find(group.name);
    const bool again = !shown_.insert(group.name).second;
    fmt::print("{}{}  {}{}  {}{}\n", lead, visible(group.name), counted(entries_[group.name], "entry", "entries"),
               group.priority == 0 ? std::string() : fmt::format(", priority {}", group.priority),
               inventory::format_place(group.place), again && heirs != heirs_.end() ? "  (its heirs stand above)" : "");
    if (again || heirs == heirs_.end()) return;
    for (const GroupRecord* heir : heirs->second) {
      const bool last = heir == heirs->second.back();
      print(*heir, below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
    }
  }

  const inventory::Inventory& inventory_;
  std::map<std::string, std::vector<const GroupRecord*>> heirs_;
  std::map<std::string, std::size_t> entries_;
  std::set<std::string> shown_;
};

/// A name as Graphviz reads it in double quotes.
std::string dot_text(const std::string& name) {
  std::string text;
  for (const char c : visible(name)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return '"' + text + '"';
}

}  // namespace

void print_graph(const inventory::Inventory& inventory) {
  if (inventory.groups.empty()) fmt::print("This inventory has no groups.\n");
  Forest(inventory).print();
}

void print_dot(const inventory::Inventory& inventory) {
  fmt::print("digraph groups {{\n  rankdir = LR;\n  node [shape = box];\n");
  for (const GroupRecord& group : inventory.groups) fmt::print("  {};\n", dot_text(group.name));
  for (const GroupRecord& group : inventory.groups)
    for (const std::string& parent : group.parents) fmt::print("  {} -> {};\n", dot_text(parent), dot_text(group.name));
  fmt::print("}}\n");
}

}  // namespace audit::cli
