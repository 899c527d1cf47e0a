#include "report/observations.hpp"

#include <fmt/format.h>

#include <array>

#include "report/diff.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_banner = 300;

std::string words_of(ObservedKind kind, const ObservedValue& value) {
  switch (kind) {
    case ObservedKind::port: return shown(value.id, longest_name);
    case ObservedKind::host_key: return shown(value.id, longest_name);
    case ObservedKind::banner: return fmt::format("\"{}\"", shown(value.id, longest_banner));
    case ObservedKind::certificate: break;
  }
  std::string text = "SHA-256 " + shown(value.id, longest_name);
  if (!value.subject.empty()) text += ", " + shown(value.subject, longest_name);
  if (!value.issuer.empty()) text += ", issued by " + shown(value.issuer, longest_name);
  if (!value.not_after.empty()) text += ", until " + shown(value.not_after, longest_name);
  return text;
}

}  // namespace

std::string headline_of(const ObservationDiff& diff) {
  constexpr std::array<std::string_view, all_observed_changes.size()> words{"new", "gone", "changed", "unknown now",
                                                                            "not known before"};
  std::string text;
  for (const ObservedChange change : all_observed_changes)
    if (const std::uint64_t count = diff.count(change); count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, words.at(static_cast<std::size_t>(change)));
  return fmt::format("{}{} the same", text.empty() ? "nothing changed: " : text + ", ", diff.same);
}

std::string_view title_of(ObservedChange change) {
  constexpr std::array<std::string_view, all_observed_changes.size()> titles{"New", "Gone", "Changed", "Unknown now",
                                                                             "Not known before"};
  return titles.at(static_cast<std::size_t>(change));
}

std::string_view words_of(ObservedKind kind) {
  constexpr std::array<std::string_view, observed_kinds> words{"open port", "certificate", "SSH host key", "banner"};
  return words.at(static_cast<std::size_t>(kind));
}

std::string place_of(const ObservedDifference& difference) {
  DiffItem item;
  item.target = difference.target;
  item.endpoint = difference.key.endpoint;
  std::string place = place_of(item);
  if (!difference.key.name.empty()) place += fmt::format(" ({})", shown(difference.key.name, longest_name));
  return place;
}

std::string words_of(ObservedKind kind, const std::vector<ObservedValue>& values) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < most; ++i)
    text += (text.empty() ? "" : "; ") + words_of(kind, values[i]);
  if (values.size() > most) text += fmt::format("; and {} more", values.size() - most);
  return text;
}

std::vector<std::string> caveats_of(const ObservationDiff& diff) {
  std::vector<std::string> sentences;
  if (!diff.before.complete) sentences.emplace_back("the earlier run was cut short");
  if (!diff.after.complete) sentences.emplace_back("the later run was cut short");
  if (diff.before.program != diff.after.program)
    sentences.push_back(fmt::format("the program is another: audit {}, before {}",
                                    shown(diff.after.program, longest_name), shown(diff.before.program, longest_name)));
  if (diff.before.inventory != diff.after.inventory)
    sentences.emplace_back("the inventory was changed: what one run did not ask is unknown in it");
  if (diff.before.rules != diff.after.rules)
    sentences.emplace_back("the rules are others: what one run did not ask is unknown in it");
  return sentences;
}

}  // namespace audit::report
