#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/json_value.hpp"
#include "report/oscal_parts.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_related = 1'000;

/// The numbers of a rule's results: those that fail, and all others.
struct Numbers {
  std::vector<std::uint64_t> failed;
  std::vector<std::uint64_t> others;
};
using ByRule = std::map<std::string, Numbers>;  // which outlives the checks

ByRule numbers_by_rule(const RunRecord& record) {
  ByRule by_rule;
  each_numbered(record, [&](const Check& check, const Finding& result, std::uint64_t number) {
    Numbers& numbers = by_rule[check.rule];
    (result.status == Status::fail ? numbers.failed : numbers.others).push_back(number);
  });
  return by_rule;
}

/// Only what was seen to be met is: what a person answered, what was half seen and what was not is not, and says why.
std::string_view reason_of(ControlState state) {
  switch (state) {
    case ControlState::satisfied: return "pass";
    case ControlState::not_satisfied:
    case ControlState::risk_accepted: return "fail";
    default: return "other";
  }
}

void put_numbers(OscalParts& parts, std::string_view name, std::string_view kind, std::string_view member,
                 const std::vector<std::uint64_t>& numbers) {
  if (numbers.empty()) return;
  put_each(parts.json, name, numbers, [&](std::uint64_t number) {
    put_object(parts.json, [&] { put(parts.json, member, parts.ids.of(kind, number)); });
  });
}

/// At most `most` of them; how many were left out.
std::size_t cut(std::vector<std::uint64_t>& numbers) {
  const std::size_t left = numbers.size() > most_related ? numbers.size() - most_related : 0;
  numbers.resize(numbers.size() - left);
  return left;
}

void put_related(OscalParts& parts, const Numbers& numbers) {
  std::vector<std::uint64_t> seen = numbers.failed;
  seen.insert(seen.end(), numbers.others.begin(), numbers.others.end());
  std::vector<std::uint64_t> risks = numbers.failed;
  const std::size_t seen_left = cut(seen);
  const std::size_t risks_left = cut(risks);
  put_numbers(parts, "related-observations", "observation", "observation-uuid", seen);
  put_numbers(parts, "related-risks", "risk", "risk-uuid", risks);
  if (seen_left > 0)
    put(parts.json, "remarks",
        fmt::format("Of its rules {} and {} more are in this result, and not named here.",
                    counted(seen_left, "observation"), counted(risks_left, "risk")));
}

/// `target` is the control, or the rule where it bears on none.
void put_target(OscalParts& parts, const std::string& target, std::string_view reason, const std::string& why) {
  JsonWriter& json = parts.json;
  put_object(json, "target", [&] {
    put(json, "type", std::string_view("objective-id"));
    put(json, "target-id", token_of(target) + "_obj");
    put_object(json, "status", [&] {
      put(json, "state", std::string_view(reason == "pass" ? "satisfied" : "not-satisfied"));
      put(json, "reason", reason);
      put_some(json, "remarks", why);
    });
  });
}

void put_control(OscalParts& parts, const FrameworkAssessment& framework, const ControlAssessment& control,
                 const ByRule& by_rule) {
  JsonWriter& json = parts.json;
  Numbers numbers;
  for (const ControlAssessment::Mapped& mapped : control.rules) {
    const auto found = by_rule.find(mapped.mapping.rule);
    if (found == by_rule.end()) continue;
    const Numbers& of = found->second;
    numbers.failed.insert(numbers.failed.end(), of.failed.begin(), of.failed.end());
    numbers.others.insert(numbers.others.end(), of.others.begin(), of.others.end());
  }
  put(json, "uuid", parts.ids.of("control", framework.id + '/' + control.id));
  put(json, "title", fmt::format("{} {}", control.id, control.title));
  put(json, "description", control.why.empty() ? std::string(words_of(control.state)) : control.why);
  OscalProps props(json);
  props.put("framework", framework.id);
  props.put("control", control.id);
  props.put("state", name_of(control.state));
  props.end();
  put_oscal_origins(parts);
  put_target(parts, control.id, reason_of(control.state), fmt::format("{}: {}", words_of(control.state), control.why));
  put_related(parts, numbers);
}

/// A rule that fails and bears on no control would have no finding else.
void put_rule(OscalParts& parts, const std::string& rule, const Numbers& numbers) {
  JsonWriter& json = parts.json;
  const RuleRecord* found = parts.lookup.rule(rule);
  put(json, "uuid", parts.ids.of("rule", rule));
  put(json, "title", found == nullptr || found->title.empty() ? rule : found->title);
  put(json, "description",
      fmt::format("{} failed, and the rule bears on no control.", counted(numbers.failed.size(), "result")));
  OscalProps props(json);
  props.put("rule", rule);
  props.end();
  put_oscal_origins(parts);
  put_target(parts, rule, "fail", "");
  put_related(parts, numbers);
}

/// The list, begun with its first finding.
class Findings {
 public:
  explicit Findings(JsonWriter& json) : json_(json) {}
  template <class Write>
  void put(Write write) {
    if (!begun_) {
      put_name(json_, "findings");
      json_.StartArray();
    }
    begun_ = true;
    put_object(json_, write);
  }
  void end() {
    if (begun_) json_.EndArray();
  }

 private:
  JsonWriter& json_;
  bool begun_ = false;
};

}  // namespace

void put_oscal_findings(OscalParts& parts) {
  const ByRule by_rule = numbers_by_rule(parts.record);
  Findings findings(parts.json);
  for (const FrameworkAssessment& framework : parts.record.frameworks)
    for (const ControlAssessment& control : framework.controls)
      if (control.state != ControlState::not_covered)
        findings.put([&] { put_control(parts, framework, control, by_rule); });
  for (const auto& [rule, numbers] : by_rule) {
    const bool mapped = !parts.lookup.controls(rule).empty();
    if (!mapped && !numbers.failed.empty()) findings.put([&, &id = rule, &of = numbers] { put_rule(parts, id, of); });
  }
  findings.end();
}

}  // namespace audit::report
