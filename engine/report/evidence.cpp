#include "report/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_word = 60;
constexpr std::size_t longest_endpoint = 120;

/// More is better.
int weight(const Evidence& evidence) {
  const bool labelled = !evidence.label.empty();
  if (!evidence.observation) return labelled ? 2 : 1;
  const bool answered = !evidence.observation->fields.empty();
  const bool conversation = evidence.observation->probe != "port";
  return (labelled ? 4 : 0) + (answered ? 2 : 0) + (conversation ? 1 : 0);
}

std::string seen_by(const Observation& observation, std::size_t most) {
  std::string text;
  for (const auto& [name, value] : telling_fields(observation.fields)) {
    if (text.size() >= most) return text + ", …";
    if (!text.empty()) text += ", ";
    if (!name.empty()) text += shown(name, longest_word) + '=';
    text += describe(*value, text.size() < most ? most - text.size() : 0);
  }
  return text;
}

}  // namespace

std::string source_of(const Evidence& evidence) {
  const std::string label = shown(evidence.label, longest_word);
  if (!evidence.observation) return label.empty() ? "note" : label;
  const Observation& observation = *evidence.observation;
  std::string text = shown(observation.probe, longest_word);
  if (!observation.endpoint.empty()) text += " of " + shown(observation.endpoint, longest_endpoint);
  return label.empty() || label == observation.probe ? text : fmt::format("{}, {}", label, text);
}

std::string line_of(const Evidence& evidence, std::size_t most) {
  std::string text = source_of(evidence) + ": ";
  const std::size_t room = text.size() + 40 < most ? most - text.size() : 40;
  if (!evidence.observation) return text + describe(evidence.note, room);
  const Observation& observation = *evidence.observation;
  const std::string seen = seen_by(observation, room);
  if (observation.reason != Reason::observed || seen.empty()) text += name_of(observation.reason);
  if (!observation.message.empty() && seen.empty()) text += " (" + shown(observation.message, room) + ")";
  if (observation.reason != Reason::observed && !seen.empty()) text += ", ";
  return text + seen;
}

const Evidence* most_telling(const Finding& finding) {
  const auto best = std::max_element(finding.evidence.begin(), finding.evidence.end(),
                                     [](const Evidence& a, const Evidence& b) { return weight(a) < weight(b); });
  return best == finding.evidence.end() ? nullptr : &*best;
}

std::vector<std::pair<std::string_view, const Value*>> telling_fields(const Value& fields) {
  std::vector<std::pair<std::string_view, const Value*>> kept;
  const auto* object = fields.get_if<Value::Object>();
  if (object == nullptr) {
    if (!fields.empty()) kept.emplace_back("", &fields);
    return kept;
  }
  const Value* text = fields.find("text");
  for (const auto& [name, value] : *object)
    if (name != "bytes" || text == nullptr || !(*text == value)) kept.emplace_back(name, &value);
  return kept;
}

}  // namespace audit::report
