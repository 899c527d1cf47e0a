#include "inventory/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;
constexpr std::size_t most_choices_listed = 12;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::optional<std::string> check_text(Mistakes& mistakes, std::string_view key, const std::string& text, Position at) {
  std::string complaint;
  if (text.empty())
    complaint = "is empty; write something, or take the key out";
  else if (text.size() > longest_text)
    complaint = fmt::format("is longer than {} bytes", longest_text);
  else if (has_control(text))
    complaint = "holds a line break or another control character; take it out";
  if (complaint.empty()) return text;
  mistakes.add(at, fmt::format("{} {}", visible(key, longest_shown), complaint));
  return std::nullopt;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& choices, std::size_t most) {
  if (choices.empty()) return {};
  if (auto hint = did_you_mean(word, choices); !hint.empty()) return hint;
  std::string list;
  for (std::size_t i = 0; i < std::min(choices.size(), most); ++i)
    list += fmt::format("{}{}", i == 0 ? "" : ", ", visible(choices[i], longest_shown));
  return fmt::format("; known here: {}{}", list, choices.size() > most ? ", …" : "");
}

}  // namespace

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", visible(text, longest_shown)); }

std::string literal(std::string_view text) {
  std::string all = "\"";
  for (const char c : visible(text)) {
    if (c == '"') all += '\\';  // visible() leaves no backslash alone, so this is no escape of its own
    all += c;
  }
  return all + '"';
}

std::string abbreviated(std::string_view text) {
  if (text.size() <= longest_shown) return std::string(text);
  std::size_t end = longest_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& choices) {
  const std::string_view near = nearest(word, choices);
  return near.empty() ? std::string() : fmt::format("; did you mean {}?", quoted(near));
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& choices) {
  return suggestion(word, choices, most_choices_listed);
}

void wrong_kind(Mistakes& mistakes, const KeyValue& member, std::string_view wanted, std::string_view example) {
  mistakes.add(member.node.at, fmt::format("{} has to be {}, such as {}; this is {}",
                                           visible(member.key, longest_shown), wanted, example, kind_of(member.node)));
}

std::optional<std::string> read_text(Mistakes& mistakes, const KeyValue& member, std::string_view example) {
  if (const auto* text = member.node.get_if<std::string>())
    return check_text(mistakes, member.key, *text, member.node.at);
  wrong_kind(mistakes, member, "text in quotes", example);
  return std::nullopt;
}

std::optional<bool> read_boolean(Mistakes& mistakes, const KeyValue& member) {
  if (const auto* truth = member.node.get_if<bool>()) return *truth;
  mistakes.add(member.node.at,
               fmt::format("{} has to be true or false, without quotes; this is {}", member.key, kind_of(member.node)));
  return std::nullopt;
}

std::optional<std::int64_t> read_whole(Mistakes& mistakes, const KeyValue& member, std::int64_t low,
                                       std::int64_t high) {
  const auto* number = member.node.get_if<std::int64_t>();
  if (number != nullptr && *number >= low && *number <= high) return *number;
  const std::string saw = number != nullptr ? fmt::format("{}", *number) : std::string(kind_of(member.node));
  mistakes.add(member.node.at,
               fmt::format("{} has to be a whole number from {} to {}; this is {}", member.key, low, high, saw));
  return std::nullopt;
}

std::optional<double> read_number(Mistakes& mistakes, const KeyValue& member, double low, double high) {
  std::optional<double> number;
  if (const auto* whole = member.node.get_if<std::int64_t>()) number = static_cast<double>(*whole);
  if (const auto* real = member.node.get_if<double>()) number = *real;
  if (number && *number >= low && *number <= high) return number;  // false for NaN
  const std::string saw = number ? fmt::format("{}", *number) : std::string(kind_of(member.node));
  mistakes.add(member.node.at,
               fmt::format("{} has to be a number from {} to {}; this is {}", member.key, low, high, saw));
  return std::nullopt;
}

std::optional<Duration> read_duration(Mistakes& mistakes, const KeyValue& member, Duration low, Duration high) {
  const auto* text = member.node.get_if<std::string>();
  if (text == nullptr) {
    const auto* whole = member.node.get_if<std::int64_t>();
    wrong_kind(mistakes, member, "a time with its unit in quotes",
               whole == nullptr ? "\"2s\"" : fmt::format("\"{}s\"", *whole));
    return std::nullopt;
  }
  const auto duration = parse_duration(*text);
  if (duration && *duration >= low && *duration <= high) return duration;
  const std::string_view why = duration ? "is out of range" : "is not a time";
  mistakes.add(member.node.at,
               fmt::format("{} {}; {} goes from {} to {}, written as \"250ms\", \"2s\" or \"1m\"", quoted(*text), why,
                           member.key, format_duration(low), format_duration(high)));
  return std::nullopt;
}

std::vector<Text> read_texts(Mistakes& mistakes, const KeyValue& member, std::string_view example) {
  std::vector<Text> texts;
  if (const auto* single = member.node.get_if<std::string>()) {
    mistakes.add(member.node.at, fmt::format("{0} has to be a list; write {0} = [{1}]", member.key, quoted(*single)));
    return texts;
  }
  const auto* list = member.node.get_if<NodeList>();
  if (list == nullptr) {
    wrong_kind(mistakes, member, "a list of texts", fmt::format("[{}]", example));
    return texts;
  }
  texts.reserve(list->size());
  for (const Node& node : *list) {
    const auto* text = node.get_if<std::string>();
    if (text == nullptr)
      mistakes.add(node.at, fmt::format("{} has to hold texts in quotes, such as {}; this is {}", member.key, example,
                                        kind_of(node)));
    else if (auto good = check_text(mistakes, fmt::format("this item of {}", member.key), *text, node.at))
      texts.push_back({*good, node.at});
  }
  return texts;
}

const NodeTable* read_table(Mistakes& mistakes, const KeyValue& member, std::string_view header) {
  if (const auto* table = member.node.get_if<NodeTable>()) return table;
  mistakes.add(member.node.at,
               fmt::format("{} has to be a table: write {} and its keys on the lines below it; this is {}",
                           visible(member.key, longest_shown), header, kind_of(member.node)));
  return nullptr;
}

void check_keys(Mistakes& mistakes, const NodeTable& table, std::string_view where,
                const std::vector<std::string_view>& known) {
  for (const KeyValue& member : table) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    if (!mistakes.would_tell(member.at)) {
      mistakes.add(member.at, {});  // a file may be all mistakes
    } else {
      const bool of_the_top = member.key == "schema" || member.key == "include";
      mistakes.add(member.at,
                   fmt::format("unknown key {} in {}{}", quoted(member.key), where,
                               of_the_top ? fmt::format("; {} stands at the top of the file, above the first [table]",
                                                        member.key)
                                          : suggestion(member.key, known, known.size())));
    }
  }
}

}  // namespace audit::inventory
