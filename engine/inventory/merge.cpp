#include "inventory/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace audit::inventory {
namespace {

/// Equal for two targets exactly where their settings are.
std::string signature(const std::vector<std::size_t>& listed, const Layer& own, bool places) {
  std::string text;
  for (const std::size_t group : listed) fmt::format_to(std::back_inserter(text), "{},", group);
  const auto add = [&](std::string_view part) {
    fmt::format_to(std::back_inserter(text), "|{}:{}", part.size(), part);
  };
  for (const Text& tag : own.tags) add(tag.text);
  text += ';';
  add(own.ports.format());
  for (const std::string& url : own.urls) add(url);
  text += ';';
  for (const Written& written : own.written) {
    add(written.key);
    add(written.shown);
    // Expectations say where they stand, so those of two targets are two.
    if (places || written.key.starts_with("expect."))
      fmt::format_to(std::back_inserter(text), "@{}:{}:{}", written.at.file, written.at.line, written.at.column);
  }
  return text;
}

}  // namespace

std::shared_ptr<const Settings> Merger::merge(const std::vector<std::size_t>& listed, const Layer& own, Position at) {
  auto& settings = merged_[signature(listed, own, keep_origins_)];
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
    draft.settings.ports.add(group.layer.ports);
    for (const Text& tag : group.layer.tags) tags.insert(tag.text);
    for (const Written& written : group.layer.written) by_key[written.key].push_back({index, &written});
  }
  for (const Text& tag : own.tags) tags.insert(tag.text);
  draft.settings.ports.add(own.ports);
  draft.settings.urls = own.urls;
  draft.settings.tags.assign(tags.begin(), tags.end());

  for (const Written& written : base_.written) written.put(draft);
  std::map<std::string_view, const Written*> chosen;
  for (const auto& [key, candidates] : by_key) {
    const bool overridden = std::any_of(own.written.begin(), own.written.end(),
                                        [&key = key](const Written& written) { return written.key == key; });
    if (overridden) continue;
    const Written& written = pick(candidates, closure, at);
    written.put(draft);
    if (keep_origins_) chosen[key] = &written;
  }
  for (const Written& written : own.written) written.put(draft);
  if (keep_origins_) draft.settings.origins = std::make_shared<const Origins>(trace(closure, own, by_key, chosen));
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

Origins Merger::trace(const std::vector<std::size_t>& closure, const Layer& own,
                      const std::map<std::string_view, std::vector<Candidate>>& by_key,
                      const std::map<std::string_view, const Written*>& chosen) const {
  Origins origins;
  const auto nearest = [&](const Written& written, std::string from) {
    auto& list = origins[written.key];
    list.insert(list.begin(), {written.shown, std::move(from), mistakes_.place(written.at)});
  };
  const auto add = [&](const std::string& key, std::string value, const std::string& from, Position at) {
    origins[key].push_back({std::move(value), from, at.line == 0 ? Place() : mistakes_.place(at)});
  };
  const auto add_layer = [&](const Layer& layer, const std::string& from) {
    for (const Text& tag : layer.tags) add("tags", tag.text, from, tag.at);
    if (!layer.never.empty()) add("never", layer.never.format(), from, layer.never_at);
  };
  const auto header = [&](std::size_t group) { return fmt::format("[groups.{}]", groups_[group].name); };
  for (const Written& written : base_.written) nearest(written, "the inventory as a whole");
  add_layer(base_, base_.never_at.line == 0 ? "default" : "[scope]");
  for (const std::size_t group : closure) add_layer(groups_[group].layer, header(group));
  add_layer(own, "its own entry");
  for (const auto& [key, candidates] : by_key) {
    const auto winner = chosen.find(key);
    const Written* first = winner == chosen.end() ? nullptr : winner->second;
    for (auto candidate = candidates.rbegin(); candidate != candidates.rend(); ++candidate)
      if (candidate->written != first) nearest(*candidate->written, header(candidate->group));
    for (const Candidate& candidate : candidates)
      if (candidate.written == first) nearest(*candidate.written, header(candidate.group));
  }
  for (const Written& written : own.written) nearest(written, "its own entry");
  return origins;
}

const Written& Merger::pick(const std::vector<Candidate>& candidates, const std::vector<std::size_t>& closure,
                            Position at) {
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
