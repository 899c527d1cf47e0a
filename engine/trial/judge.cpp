#include "trial/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit::trial {
namespace {

constexpr std::size_t longest_shown = 400;

std::string quoted(std::string_view text) { return '"' + visible(text, longest_shown) + '"'; }

/// Numbers that are equal are equal, whatever their kind.
bool equal(const Value& expected, const Value& seen) {
  const auto number = [](const Value& value) -> std::optional<double> {
    if (const auto* whole = value.get_if<std::int64_t>()) return static_cast<double>(*whole);
    if (const auto* real = value.get_if<double>()) return *real;
    return std::nullopt;
  };
  const auto a = number(expected);
  const auto b = number(seen);
  return a && b ? *a == *b : expected == seen;
}

/// Every value of `expected` is that of `seen`, at any depth; what else `seen` has does not matter.
bool covers(const Value& seen, const Value& expected) {
  if (const auto* wanted = expected.get_if<Value::Object>()) {
    return std::all_of(wanted->begin(), wanted->end(), [&](const Value::Object::Member& one) {
      const Value* there = seen.find(one.first);
      return there != nullptr && covers(*there, one.second);
    });
  }
  const auto* list = expected.get_if<Value::Array>();
  const auto* there = seen.get_if<Value::Array>();
  if (list == nullptr) return equal(expected, seen);
  if (list->empty()) return true;
  return there != nullptr && there->size() == list->size() &&
         std::equal(there->begin(), there->end(), list->begin(), covers);
}

std::string labels_of(const Finding& finding) {
  std::vector<std::string> labels;
  for (const Evidence& one : finding.evidence)
    labels.push_back(!one.label.empty() ? one.label
                     : one.observation  ? "(" + one.observation->probe + ")"
                                        : "(a note)");
  return labels.empty() ? "none" : fmt::format("{}", fmt::join(labels, ", "));
}

const Value& fields_of(const Evidence& evidence) {
  return evidence.observation ? evidence.observation->fields : evidence.note;
}

std::string names_in(const Value& fields) {
  std::vector<std::string> names;
  if (const auto* object = fields.get_if<Value::Object>())
    for (const auto& [name, value] : *object) names.push_back(visible(name));
  return names.empty() ? "its fields, of which there are none" : fmt::format("{}", fmt::join(names, ", "));
}

/// One label of the evidence that is expected.
void compare_evidence(const std::string& label, const Value* fields, const Finding& finding,
                      std::vector<Difference>& differences) {
  const auto found = std::find_if(finding.evidence.begin(), finding.evidence.end(),
                                  [&](const Evidence& one) { return one.label == label; });
  if (found == finding.evidence.end()) {
    differences.push_back({"evidence", quoted(label), labels_of(finding)});
    return;
  }
  if (fields == nullptr) return;
  const auto* wanted = fields->get_if<Value::Object>();
  if (wanted == nullptr) {
    if (!covers(fields_of(*found), *fields))
      differences.push_back({"evidence." + label, shown_value(*fields), shown_value(fields_of(*found))});
    return;
  }
  for (const auto& [name, value] : *wanted) {
    const Value* there = fields_of(*found).find(name);
    if (there != nullptr && covers(*there, value)) continue;
    differences.push_back({fmt::format("evidence.{}.{}", label, visible(name)), shown_value(value),
                           there != nullptr ? shown_value(*there) : "not among " + names_in(fields_of(*found))});
  }
}

std::vector<Difference> compare_result(const ExpectedResult& expected, const Finding& finding,
                                       lua::TestFile& functions) {
  std::vector<Difference> differences;
  const auto word = [&](const char* field, const auto& wanted, const auto& seen) {
    if (wanted && *wanted != seen)
      differences.push_back({field, std::string(name_of(*wanted)), std::string(name_of(seen))});
  };
  const auto text = [&](const char* field, const std::optional<std::string>& wanted, const std::string& seen) {
    if (wanted && *wanted != seen) differences.push_back({field, quoted(*wanted), quoted(seen)});
  };
  word("status", expected.status, finding.status);
  word("reason", expected.reason, finding.reason);
  word("severity", expected.severity, finding.severity);
  text("key", expected.key, finding.key);
  text("endpoint", expected.endpoint, finding.endpoint);
  if (expected.message) {
    const Result<bool> found = functions.matches(*expected.message, finding.message);
    if (!found)
      differences.push_back({"message", visible(found.error().message), quoted(finding.message)});
    else if (!*found)
      differences.push_back({"message", "pattern " + quoted(*expected.message), quoted(finding.message)});
  }
  if (!expected.evidence) return differences;
  if (const auto* labels = expected.evidence->get_if<Value::Array>()) {
    for (const Value& label : *labels)
      if (const auto* name = label.get_if<std::string>()) compare_evidence(*name, nullptr, finding, differences);
  } else if (const auto* wanted = expected.evidence->get_if<Value::Object>()) {
    for (const auto& [label, fields] : *wanted) {
      const auto* name = fields.get_if<std::string>();
      const bool item = name != nullptr && label.find_first_not_of("0123456789") == std::string::npos;
      compare_evidence(item ? *name : label, item ? nullptr : &fields, finding, differences);
    }
  }
  return differences;
}

}  // namespace

std::string shown_result(const Finding& finding) {
  return fmt::format("{} ({})", name_of(finding.status), name_of(finding.reason));
}

std::string shown_value(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return quoted(*text);
  if (const auto* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const auto* whole = value.get_if<std::int64_t>()) return std::to_string(*whole);
  if (const auto* real = value.get_if<double>()) return fmt::format("{}", *real);
  std::vector<std::string> parts;
  if (const auto* list = value.get_if<Value::Array>())
    for (const Value& one : *list) parts.push_back(shown_value(one));
  if (const auto* object = value.get_if<Value::Object>())
    for (const auto& [name, one] : *object) parts.push_back(visible(name) + " = " + shown_value(one));
  if (value.empty()) return "nil";
  std::string text = fmt::format("{{ {} }}", fmt::join(parts, ", "));
  if (text.size() > longest_shown) text = text.substr(0, longest_shown) + "…";
  return text;
}

std::vector<Difference> compare(const Expected& expected, const Seen& seen, lua::TestFile& functions) {
  if (!seen.trouble.empty()) return {{"the case", "to be played", visible(seen.trouble)}};
  std::vector<Difference> differences = compare_result(expected.foremost, seen.check.foremost(), functions);
  for (std::size_t i = 0; i < expected.results.size(); ++i) {
    const bool found = std::any_of(seen.check.results.begin(), seen.check.results.end(), [&](const Finding& finding) {
      return compare_result(expected.results[i], finding, functions).empty();
    });
    if (found) continue;
    std::vector<std::string> results;
    for (const Finding& finding : seen.check.results)
      results.push_back(fmt::format("{} {} {}", finding.endpoint, shown_result(finding), quoted(finding.message)));
    differences.push_back(
        {fmt::format("results[{}]", i + 1), "one like it", fmt::format("{}", fmt::join(results, "; "))});
  }
  for (const std::string& wanted : expected.sent) {
    std::map<Endpoint, std::string> sent;
    for (const Said& one : seen.said)
      if (one.what == Said::What::sent) sent[one.peer] += one.bytes;
    const bool found = std::any_of(sent.begin(), sent.end(),
                                   [&](const auto& one) { return one.second.find(wanted) != std::string::npos; });
    if (found) continue;
    std::vector<std::string> all;
    for (const auto& [peer, bytes] : sent) all.push_back(format_endpoint(peer) + " " + quoted(bytes));
    differences.push_back({"sent", quoted(wanted), all.empty() ? "nothing" : fmt::format("{}", fmt::join(all, "; "))});
  }
  return differences;
}

}  // namespace audit::trial
