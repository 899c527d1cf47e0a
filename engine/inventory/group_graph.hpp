#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/layer.hpp"

namespace audit::inventory {

struct Group {
  std::string name;
  Position at;
  Position parents_at;
  std::vector<Text> parent_names;
  std::vector<std::size_t> parents;    // known ones, as written
  std::vector<std::size_t> ancestors;  // sorted, each once
  std::size_t levels = 1;              // of inheritance, its own counted
  std::int64_t priority = 0;
  Layer layer;
};

/// The groups of an inventory and who inherits from whom. Unknown parents and circles are mistakes and left out, so the
/// rest of the loading meets neither.
class GroupGraph {
 public:
  static constexpr std::size_t most_levels = 32;

  GroupGraph(Mistakes& mistakes, const KeyValue* section, std::vector<ParamPlace>& params);

  /// A group that another tool speaks of: known from now on, and saying nothing, where the inventory has none of the name.
  void add_plain(const std::string& name);
  [[nodiscard]] bool knows(std::string_view name) const { return by_name_.contains(name); }
  [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }
  [[nodiscard]] const Group& operator[](std::size_t index) const { return groups_[index]; }
  /// The groups of these names, each once; an unknown one is a mistake at its place.
  [[nodiscard]] std::vector<std::size_t> resolve(const std::vector<Text>& names) { return resolve(names, nullptr); }
  /// The listed groups, then what they inherit from: depth first, left to right, each once.
  [[nodiscard]] std::vector<std::size_t> closure(const std::vector<std::size_t>& listed) const;
  /// All, in the order of the files, for whoever shows them.
  [[nodiscard]] std::vector<GroupRecord> records() const;
  [[nodiscard]] bool inherits(std::size_t group, std::size_t ancestor) const;

 private:
  void read(const KeyValue& member, std::vector<ParamPlace>& params);
  [[nodiscard]] std::vector<std::size_t> resolve(const std::vector<Text>& names, const Group* child);
  void order();
  void settle(std::size_t index);
  void report_circle(const std::vector<std::size_t>& path, std::size_t back_to, Position at);

  Mistakes& mistakes_;
  std::vector<Group> groups_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::size_t comparisons_left_ = 100'000;  // of names, for suggestions: a file may be all mistakes
};

}  // namespace audit::inventory
