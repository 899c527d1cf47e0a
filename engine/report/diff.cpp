#include "report/diff.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_named = 10;
constexpr std::size_t longest_name = 100;

/// "rules that came: a, b and 3 more"
void add_names(std::vector<std::string>& sentences, std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string text = fmt::format("{}: ", what);
  for (std::size_t i = 0; i < names.size() && i < most_named; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", shown(names[i], longest_name));
  if (names.size() > most_named) text += fmt::format(" and {} more", names.size() - most_named);
  sentences.push_back(std::move(text));
}

}  // namespace

const std::vector<DiffFormat>& diff_formats() {
  static const std::vector<DiffFormat> table{
      {"text", "for a terminal", write_diff_text, write_observations_text},
      {"json", "for programs: everything, with stable names", write_diff_json, write_observations_json},
      {"markdown", "for a merge request or a chat", write_diff_markdown, write_observations_markdown},
      {"html", "for a reviewer: one self-contained page", write_diff_html, write_observations_html},
  };
  return table;
}

const DiffFormat* find_diff_format(std::string_view name) {
  for (const DiffFormat& format : diff_formats())
    if (format.name == name) return &format;
  return nullptr;
}

std::string headline_of(const RunDiff& diff) {
  std::string text;
  const auto add = [&](std::uint64_t count, const std::string& words) {
    if (count > 0) text += (text.empty() ? "" : ", ") + words;
  };
  add(diff.fresh.size(), counted(diff.fresh.size(), "new failure"));
  add(diff.unknown.size(), fmt::format("{} unknown now", diff.unknown.size()));
  add(diff.fixed.size(), fmt::format("{} fixed", diff.fixed.size()));
  add(diff.changed.size(), fmt::format("{} changed", diff.changed.size()));
  add(diff.failures_went, fmt::format("{} not asked any more", diff.failures_went));
  if (text.empty()) text = "nothing changed";
  return fmt::format("{}{}{} still failing", text, text == "nothing changed" ? ": " : ", ", diff.still);
}

std::string place_of(const DiffItem& item) {
  const std::string target = shown(item.target, longest_name);
  if (item.endpoint.empty()) return target;
  const std::string endpoint = shown(item.endpoint, 2 * longest_name);
  return endpoint.find(target) != std::string::npos ? endpoint : fmt::format("{} {}", target, endpoint);
}

std::string since(const DiffItem& item) {
  if (!item.first_seen) return {};
  return "since " + day_of(*item.first_seen) +
         (item.last_seen ? ", last seen " + day_of(*item.last_seen) : std::string());
}

std::vector<std::string> plan_changes(const RunDiff& diff) {
  std::vector<std::string> sentences;
  if (!diff.before.complete)
    sentences.emplace_back("the earlier run was cut short: what it did not see counts as unknown");
  if (!diff.after.complete) sentences.emplace_back("the later run was cut short");
  add_names(sentences, "targets that came", diff.targets_came);
  add_names(sentences, "targets that went", diff.targets_went);
  add_names(sentences, "rules that came", diff.rules_came);
  add_names(sentences, "rules that went", diff.rules_went);
  add_names(sentences, "rules that were changed", diff.rules_changed);
  if (diff.failures_went > 0)
    sentences.push_back(fmt::format("{} of targets or rules that are not asked any more: not fixed, not looked at",
                                    counted(diff.failures_went, "failure")));
  if (diff.still_unknown > 0)
    sentences.push_back(counted(diff.still_unknown, "check") + " could be judged in neither run");
  if (diff.before.program != diff.after.program)
    sentences.push_back(fmt::format("the program is another: audit {}, before {}",
                                    shown(diff.after.program, longest_name), shown(diff.before.program, longest_name)));
  if (diff.before.inventory != diff.after.inventory) sentences.emplace_back("the inventory was changed");
  return sentences;
}

}  // namespace audit::report
