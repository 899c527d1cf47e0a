#include "inventory/group_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "inventory/port_keys.hpp"

namespace audit::inventory {
namespace {

constexpr std::int64_t most_priority = 1'000'000;

}  // namespace

GroupGraph::GroupGraph(Mistakes& mistakes, const KeyValue* section, std::vector<ParamPlace>& params)
    : mistakes_(mistakes) {
  const NodeTable* table = section == nullptr ? nullptr : read_table(mistakes, *section, "[groups.NAME]");
  if (table == nullptr) return;
  for (const KeyValue& member : *table) read(member, params);
  for (Group& group : groups_) group.parents = resolve(group.parent_names, &group);
  order();
}

void GroupGraph::read(const KeyValue& member, std::vector<ParamPlace>& params) {
  if (member.key.empty()) {
    mistakes_.add(member.at, "a group needs a name: [groups.switches]");
    return;
  }
  const NodeTable* table = read_table(mistakes_, member, fmt::format("[groups.{}]", member.key));
  if (table == nullptr) return;
  std::vector<std::string_view> known(std::begin(layer_keys), std::end(layer_keys));
  known.insert(known.end(), {"parents", "never", "priority"});
  if (const KeyValue* credentials = find(*table, "credentials")) {
    mistakes_.add(credentials->at,
                  fmt::format("a credential says itself for whom it is: write groups = [{}] in [credentials.NAME]",
                              quoted(member.key)));
    known.push_back("credentials");
  }
  check_keys(mistakes_, *table, "a group", known);

  Group group;
  group.name = member.key;
  group.at = member.at;
  group.layer = read_layer(mistakes_, *table, params);
  if (const KeyValue* never = find(*table, "never")) {
    group.layer.never = read_never(mistakes_, *never);
    group.layer.never_at = never->at;
  }
  if (const KeyValue* priority = find(*table, "priority"))
    group.priority = read_whole(mistakes_, *priority, -most_priority, most_priority).value_or(0);
  if (const KeyValue* parents = find(*table, "parents")) {
    group.parents_at = parents->at;
    group.parent_names = read_texts(mistakes_, *parents, "\"network\"");
  }
  by_name_.emplace(group.name, groups_.size());
  groups_.push_back(std::move(group));
}

void GroupGraph::add_plain(const std::string& name) {
  if (!by_name_.emplace(name, groups_.size()).second) return;
  Group group;
  group.name = name;
  groups_.push_back(std::move(group));
}

std::vector<std::size_t> GroupGraph::resolve(const std::vector<Text>& names, const Group* child) {
  std::vector<std::size_t> found;
  for (const Text& name : names) {
    const auto group = by_name_.find(name.text);
    if (group != by_name_.end()) {
      if (std::find(found.begin(), found.end(), group->second) == found.end()) found.push_back(group->second);
      continue;
    }
    std::string hint;
    if (groups_.empty()) {
      hint = fmt::format("; add [groups.{}]", name.text);
    } else if (comparisons_left_ >= groups_.size()) {
      comparisons_left_ -= groups_.size();
      std::vector<std::string_view> all;
      for (const Group& known : groups_)
        if (&known != child) all.push_back(known.name);
      hint = suggestion(name.text, all);
    }
    mistakes_.add(name.at, fmt::format("there is no group {}{}", quoted(name.text), hint));
  }
  return found;
}

/// Visits parents before children, without recursion: a chain of groups may be as long as the file.
void GroupGraph::order() {
  enum class Mark : std::uint8_t { fresh, open, done };
  struct Visit {
    std::size_t group;
    std::size_t next = 0;
  };
  std::vector<Mark> marks(groups_.size(), Mark::fresh);
  for (std::size_t start = 0; start < groups_.size(); ++start) {
    if (marks[start] != Mark::fresh) continue;
    std::vector<Visit> path{{start}};
    marks[start] = Mark::open;
    while (!path.empty()) {
      Visit& visit = path.back();
      Group& group = groups_[visit.group];
      if (visit.next == group.parents.size()) {
        settle(visit.group);
        marks[visit.group] = Mark::done;
        path.pop_back();
        continue;
      }
      const std::size_t parent = group.parents[visit.next];
      if (marks[parent] == Mark::open) {
        std::vector<std::size_t> names;
        for (const Visit& step : path) names.push_back(step.group);
        report_circle(names, parent, group.parents_at);
        group.parents.erase(group.parents.begin() + static_cast<std::ptrdiff_t>(visit.next));
        continue;
      }
      ++visit.next;
      if (marks[parent] == Mark::done) continue;
      marks[parent] = Mark::open;
      path.push_back({parent});
    }
  }
}

void GroupGraph::settle(std::size_t index) {
  Group& group = groups_[index];
  for (const std::size_t parent : group.parents) group.levels = std::max(group.levels, groups_[parent].levels + 1);
  if (group.levels > most_levels) {
    mistakes_.add(group.parents_at, fmt::format("groups inherit through more than {} levels here; name the groups that "
                                                "matter as parents, not each through the next",
                                                most_levels));
    group.parents.clear();
    group.levels = 1;
  }
  std::set<std::size_t> all(group.parents.begin(), group.parents.end());
  for (const std::size_t parent : group.parents)
    all.insert(groups_[parent].ancestors.begin(), groups_[parent].ancestors.end());
  group.ancestors.assign(all.begin(), all.end());
}

void GroupGraph::report_circle(const std::vector<std::size_t>& path, std::size_t back_to, Position at) {
  const auto begin = std::find(path.begin(), path.end(), back_to);
  constexpr std::ptrdiff_t most_shown = 8;
  std::string circle;
  for (auto step = begin; step != path.end() && step - begin < most_shown; ++step)
    circle += quoted(groups_[*step].name) + " → ";
  if (path.end() - begin > most_shown) circle += "… → ";
  mistakes_.add(at, fmt::format("groups inherit in a circle: {}{}; take one of these parents out", circle,
                                quoted(groups_[back_to].name)));
}

std::vector<std::size_t> GroupGraph::closure(const std::vector<std::size_t>& listed) const {
  std::vector<std::size_t> order = listed;
  std::set<std::size_t> seen(listed.begin(), listed.end());
  std::vector<std::size_t> pending;
  const auto push_parents = [&](std::size_t group) {
    pending.insert(pending.end(), groups_[group].parents.rbegin(), groups_[group].parents.rend());
  };
  for (const std::size_t group : listed) {
    push_parents(group);
    while (!pending.empty()) {
      const std::size_t next = pending.back();
      pending.pop_back();
      if (!seen.insert(next).second) continue;
      order.push_back(next);
      push_parents(next);
    }
  }
  return order;
}

std::vector<GroupRecord> GroupGraph::records() const {
  std::vector<GroupRecord> records;
  records.reserve(groups_.size());
  for (const Group& group : groups_) {
    GroupRecord& record = records.emplace_back();
    record.name = group.name;
    for (const std::size_t parent : group.parents) record.parents.push_back(groups_[parent].name);
    record.priority = group.priority;
    record.place = mistakes_.place(group.at);
  }
  return records;
}

bool GroupGraph::inherits(std::size_t group, std::size_t ancestor) const {
  const auto& ancestors = groups_[group].ancestors;
  return std::binary_search(ancestors.begin(), ancestors.end(), ancestor);
}

}  // namespace audit::inventory
