#include "inventory/notify_when.hpp"

#include <fmt/format.h>

#include "inventory/read_value.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view words =
    "\"always\", \"changed\", \"new_failures >= SEVERITY\", \"incomplete\", \"recovered\", \"waiver_expiring\"";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// Behind "new_failures".
void read_threshold(Mistakes& mistakes, const Text& text, std::string_view rest, NotifyWhen& when) {
  rest = trimmed(rest);
  const auto severity = rest.starts_with(">=") ? parse_severity(trimmed(rest.substr(2))) : std::nullopt;
  if (!severity) {
    const std::string_view word = rest.starts_with(">=") ? trimmed(rest.substr(2)) : "";
    mistakes.add(text.at,
                 fmt::format("new_failures says from which severity up, such as \"new_failures >= high\" "
                             "(critical, high, medium, low, info); this is {}{}",
                             quoted(text.text),
                             word.empty() ? "" : did_you_mean(word, {"critical", "high", "medium", "low", "info"})));
    return;
  }
  if (when.new_failures) mistakes.add(text.at, "new_failures is said twice; keep the one with the lesser severity");
  when.new_failures = severity;
}

void read_condition(Mistakes& mistakes, const Text& text, NotifyWhen& when) {
  constexpr std::string_view of_severity = "new_failures";
  const std::string_view word = trimmed(text.text);
  if (word == "always")
    when.always = true;
  else if (word == "changed")
    when.changed = true;
  else if (word == "incomplete")
    when.incomplete = true;
  else if (word == "recovered")
    when.recovered = true;
  else if (word == "waiver_expiring")
    when.waiver_expiring = true;
  else if (word.starts_with(of_severity))
    read_threshold(mistakes, text, word.substr(of_severity.size()), when);
  else
    mistakes.add(text.at, fmt::format("when holds {}; this is {}{}", words, quoted(text.text),
                                      did_you_mean(word, {"always", "changed", "new_failures >= high", "incomplete",
                                                          "recovered", "waiver_expiring"})));
}

}  // namespace

NotifyWhen read_when(Mistakes& mistakes, const KeyValue* member) {
  NotifyWhen when;
  if (member == nullptr) {
    when.changed = true;
    when.incomplete = true;
    return when;
  }
  if (const auto* list = member->node.get_if<NodeList>(); list != nullptr && list->empty())
    mistakes.add(member->node.at,
                 "when is empty: this notifier would never say anything; name conditions, such as [\"always\"]");
  for (const Text& text : read_texts(mistakes, *member, "\"changed\"")) read_condition(mistakes, text, when);
  return when;
}

}  // namespace audit::inventory
