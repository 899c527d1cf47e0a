#include "inventory/row.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_prose = 2'000;

bool has_odd_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7f;
  });
}

}  // namespace

std::vector<const Node*> read_rows(Mistakes& mistakes, const KeyValue& section) {
  std::vector<const Node*> rows;
  const auto* nodes = section.node.get_if<NodeList>();
  if (nodes == nullptr) {
    mistakes.add(section.at,
                 fmt::format("{0} is a list of tables; write [[{0}]], with two brackets, above each", section.key));
    return rows;
  }
  for (const Node& node : *nodes) {
    if (node.get_if<NodeTable>() != nullptr)
      rows.push_back(&node);
    else
      mistakes.add(node.at, fmt::format("each of {0} has to be a table; write [[{0}]] and its keys on the lines below "
                                        "it; this is {1}",
                                        section.key, kind_of(node)));
  }
  return rows;
}

Row::Row(Mistakes& mistakes, const Node& node, std::string_view what) : mistakes_(mistakes), node_(node), what_(what) {}

const KeyValue* Row::find(std::string_view key) const { return inventory::find(table(), key); }

const KeyValue* Row::need(std::string_view key, std::string_view example) {
  const KeyValue* member = find(key);
  if (member == nullptr) mistakes_.add(node_.at, fmt::format("{} has no {}; write {} = {}", what_, key, key, example));
  return member;
}

std::string Row::text(std::string_view key, std::string_view example) {
  const KeyValue* member = need(key, example);
  return member == nullptr ? std::string() : read_prose(mistakes_, *member, example).value_or("");
}

std::optional<Day> Row::day(std::string_view key, std::string_view example) {
  const KeyValue* member = need(key, example);
  if (member == nullptr) return std::nullopt;
  const auto* date = member->node.get_if<Date>();
  if (date != nullptr && date->day) return date->day;
  wrong_kind(mistakes_, *member, "a date without quotes and without a time", example);
  return std::nullopt;
}

std::optional<std::string> read_prose(Mistakes& mistakes, const KeyValue& member, std::string_view example) {
  const auto* text = member.node.get_if<std::string>();
  if (text == nullptr) {
    wrong_kind(mistakes, member, "text in quotes", example);
    return std::nullopt;
  }
  std::string complaint;
  if (text->find_first_not_of(" \t\r\n") == std::string::npos)
    complaint = "is empty; a reader has to know it";
  else if (!has_visible(*text))
    complaint = "has no character that can be seen; a reader has to know it";
  else if (text->size() > longest_prose)
    complaint = fmt::format("is longer than {} bytes", longest_prose);
  else if (has_odd_control(*text))
    complaint = "holds a control character; take it out";
  if (complaint.empty()) return *text;
  mistakes.add(member.node.at, fmt::format("{} {}", member.key, complaint));
  return std::nullopt;
}

}  // namespace audit::inventory
