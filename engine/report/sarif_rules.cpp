#include <algorithm>

#include "report/json_value.hpp"
#include "report/markdown_text.hpp"
#include "report/sarif_parts.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 1'000;  // GitHub takes no longer a description
constexpr std::size_t longest_tag = 200;
constexpr std::size_t longest_prose = 4'000;

/// The middle of what GitHub calls by this name: above 9.0, from 7.0, from 4.0, above 0.
std::string_view security_severity(Severity severity) {
  switch (severity) {
    case Severity::critical: return "9.5";
    case Severity::high: return "8.0";
    case Severity::medium: return "5.5";
    case Severity::low: return "2.0";
    case Severity::info: break;
  }
  return "0.0";
}

std::string plain_help(const RuleRecord& rule) {
  std::string text = prose(rule.title, longest_prose);
  if (!rule.rationale.empty()) text += "\n\n" + prose(rule.rationale, longest_prose);
  if (!rule.remediation.empty()) text += "\n\nRemediation: " + prose(rule.remediation, longest_prose);
  for (const std::string& reference : rule.references) text += "\n- " + shown(reference, longest_name);
  return text;
}

std::string markdown_help(const RuleRecord& rule) {
  std::string text = "# " + markdown_ready(prose(rule.title, longest_name));
  if (!rule.rationale.empty()) text += "\n\n" + markdown_ready(prose(rule.rationale, longest_prose));
  if (!rule.remediation.empty())
    text += "\n\n## Remediation\n\n" + markdown_ready(prose(rule.remediation, longest_prose));
  if (!rule.references.empty()) text += "\n\n## References\n";
  for (const std::string& reference : rule.references) text += "\n- " + markdown_link(reference, longest_name);
  return text;
}

void put_lines(JsonWriter& json, std::string_view name, const std::string& lines) {
  put_name(json, name);
  json.String(lines.data(), static_cast<rapidjson::SizeType>(lines.size()));
}

void put_tags(JsonWriter& json, const RuleRecord& rule, const Controls& controls) {
  put_name(json, "tags");
  json.StartArray();
  put_string(json, "security");  // without it GitHub heeds no security-severity
  for (const std::string& tag : rule.tags)
    if (tag != "security") json.visible_text(shown(tag, longest_tag));
  for (const auto& [framework, ids] : controls.of(rule.id))
    for (const std::string& id : ids) json.visible_text(shown(framework + '/' + id, longest_tag));
  json.EndArray();
}

}  // namespace

void put_sarif_rule(JsonWriter& json, const RuleRecord& rule, const Controls& controls) {
  json.StartObject();
  put_ready(json, "id", shown(rule.id, longest_name));
  put_sarif_message(json, "shortDescription", prose(rule.title.empty() ? rule.id : rule.title, longest_name));
  put_sarif_message(json, "fullDescription",
                    prose(!rule.rationale.empty() ? rule.rationale
                          : !rule.title.empty()   ? rule.title
                                                  : rule.id,
                          longest_name));
  put_object(json, "help", [&] {
    put_lines(json, "text", sarif_text(plain_help(rule)));
    put_lines(json, "markdown", markdown_help(rule));
  });
  const auto page = std::find_if(rule.references.begin(), rule.references.end(), is_web_address);
  if (page != rule.references.end()) put(json, "helpUri", *page);
  put_object(json, "defaultConfiguration", [&] { put(json, "level", sarif_level(rule.severity)); });
  put_object(json, "properties", [&] {
    put_tags(json, rule, controls);
    put(json, "precision", std::string_view("very-high"));
    put(json, "security-severity", security_severity(rule.severity));
    put(json, "severity", name_of(rule.severity));
    put(json, "safety", name_of(rule.safety));
  });
  json.EndObject();
}

}  // namespace audit::report
