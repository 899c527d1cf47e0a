#include "inventory/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace audit::inventory {
namespace {

/// Equal for two targets exactly where their settings are.
std::string signature(const std::vector<std::size_t>& listed, const Layer& own) {
  std::string text;
  for (const std::size_t group : listed) fmt::format_to(std::back_inserter(text), "{},", group);
  const auto add = [&](std::string_view part) {
    fmt::format_to(std::back_inserter(text), "|{}:{}", part.size(), part);
  };
  for (const Text& tag : own.tags) add(tag.text);
  text += ';';
  for (const Written& written : own.written) {
    add(written.key);
    add(written.shown);
    // Expectations say where they stand, so those of two targets are two.
    if (written.key.starts_with("expect."))
      fmt::format_to(std::back_inserter(text), "@{}:{}", written.at.line, written.at.column);
  }
  return text;
}

}  // namespace

std::shared_ptr<const Settings> Merger::merge(const std::vector<std::size_t>& listed, const Layer& own, Position at) {
  auto& settings = merged_[signature(listed, own)];
  if (!settings) settings = build(listed, own, at);
  return settings;
}

void Merger::check_groups() {
  for (std::size_t group = 0; group < groups_.size(); ++group)
    if (groups_[group].parents.size() > 1) static_cast<void>(build({group}, {}, groups_[group].parents_at));
}

std::shared_ptr<const Settings> Merger::build(const std::vector<std::size_t>& listed, const Layer& own, Position at) {
  const std::vector<std::size_t> closure = groups_.closure(listed);
  Draft draft;
  draft.settings.never = base_.never;
  std::set<std::string> tags;
  std::map<std::string_view, std::vector<Candidate>> by_key;
  for (const std::size_t index : closure) {
    const Group& group = groups_[index];
    draft.settings.groups.push_back(group.name);
    draft.settings.never.add(group.layer.never);
    for (const Text& tag : group.layer.tags) tags.insert(tag.text);
    for (const Written& written : group.layer.written) by_key[written.key].push_back({index, &written});
  }
  for (const Text& tag : own.tags) tags.insert(tag.text);
  draft.settings.tags.assign(tags.begin(), tags.end());

  for (const Written& written : base_.written) written.put(draft);
  for (const Written& written : own.written) by_key.erase(written.key);
  for (auto& [key, candidates] : by_key) pick(std::move(candidates), closure, at).put(draft);
  for (const Written& written : own.written) written.put(draft);
  check_contradiction(draft.tcp, Transport::tcp, at);
  check_contradiction(draft.udp, Transport::udp, at);
  if (draft.tcp) draft.settings.expect_tcp = std::make_shared<const ExpectedPorts>(std::move(*draft.tcp));
  if (draft.udp) draft.settings.expect_udp = std::make_shared<const ExpectedPorts>(std::move(*draft.udp));
  if (draft.answers) draft.settings.expect_answers = std::make_shared<const ExpectedAnswers>(std::move(*draft.answers));
  return std::make_shared<const Settings>(std::move(draft.settings));
}

void Merger::check_contradiction(const std::optional<ExpectedPorts>& expected, Transport transport, Position at) {
  if (!expected) return;
  PortSet either = expected->require;
  either.remove(expected->deny);
  PortSet both = expected->require;
  both.remove(either);
  if (both.empty()) return;
  const std::string ports = fmt::format("{}/{}", name_of(transport), both.format());
  if (contradictions_.insert(ports + format_place(expected->place)).second)
    mistakes_.add(at, fmt::format("{} is required and denied once the groups are merged; take it out of one", ports));
}

const Written& Merger::pick(std::vector<Candidate> candidates, const std::vector<std::size_t>& closure, Position at) {
  const auto shadowed = [&](const Candidate& candidate) {
    return std::any_of(candidates.begin(), candidates.end(),
                       [&](const Candidate& other) { return groups_.inherits(other.group, candidate.group); });
  };
  std::vector<Candidate> standing;
  std::int64_t highest = 0;
  for (const Candidate& candidate : candidates) {
    if (shadowed(candidate)) continue;
    const std::int64_t priority = priority_of(candidate.group, closure);
    if (standing.empty() || priority > highest) {
      standing.clear();
      highest = priority;
    }
    if (priority == highest) standing.push_back(candidate);
  }
  const Candidate& first = standing.front();
  for (const Candidate& other : standing) {
    if (other.written->shown == first.written->shown) continue;
    if (!told_.insert(std::minmax(first.written, other.written)).second) continue;
    mistakes_.add(at,
                  fmt::format("the groups {} and {} set {} differently: {} at {}, {} at {}; set it here, or give one "
                              "of the groups a higher priority",
                              quoted(groups_[first.group].name), quoted(groups_[other.group].name),
                              abbreviated(first.written->key), abbreviated(first.written->shown),
                              mistakes_.where(first.written->at), abbreviated(other.written->shown),
                              mistakes_.where(other.written->at)));
  }
  return *first.written;
}

std::int64_t Merger::priority_of(std::size_t group, const std::vector<std::size_t>& closure) const {
  std::int64_t highest = groups_[group].priority;
  for (const std::size_t heir : closure)
    if (groups_.inherits(heir, group)) highest = std::max(highest, groups_[heir].priority);
  return highest;
}

}  // namespace audit::inventory
