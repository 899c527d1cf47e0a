#include "inventory/report_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/read_value.hpp"

namespace audit::inventory {
namespace {

constexpr std::uint32_t least_mode = 0600;
constexpr std::uint32_t most_mode = 0664;

}  // namespace

std::optional<std::uint32_t> parse_file_mode(std::string_view text) {
  if (text.size() == 4 && text.front() == '0') text.remove_prefix(1);
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), octal)) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  const bool fits = (mode & least_mode) == least_mode && (mode & ~most_mode) == 0;
  return fits ? std::optional(mode) : std::nullopt;
}

void read_report(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  check_keys(mistakes, table, "[report]", {"mode"});
  const KeyValue* member = find(table, "mode");
  if (member == nullptr) return;
  const auto* text = member->node.get_if<std::string>();
  inventory.report_mode = text == nullptr ? std::nullopt : parse_file_mode(*text);
  if (!inventory.report_mode)
    mistakes.add(member->node.at, fmt::format("mode has to be {}; this is {}", file_mode_wanted,
                                              text == nullptr ? std::string(kind_of(member->node)) : quoted(*text)));
}

}  // namespace audit::inventory
