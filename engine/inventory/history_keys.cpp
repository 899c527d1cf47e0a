#include "inventory/history_keys.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>

#include "inventory/read_value.hpp"

namespace audit::inventory {
namespace {

constexpr std::int64_t most_runs = 1'000'000;
constexpr Duration shortest_age = std::chrono::hours(1);
constexpr Duration longest_age = std::chrono::hours(24 * 400);

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<Unit, 4> units{{{"KiB", std::uint64_t{1} << 10U},
                                     {"MiB", std::uint64_t{1} << 20U},
                                     {"GiB", std::uint64_t{1} << 30U},
                                     {"TiB", std::uint64_t{1} << 40U}}};

void read_size(Mistakes& mistakes, const KeyValue& member, HistorySettings& history) {
  const auto* text = member.node.get_if<std::string>();
  history.bytes = text == nullptr ? std::nullopt : parse_size(*text);
  if (!history.bytes)
    mistakes.add(
        member.node.at,
        fmt::format("{} has to be a size in whole KiB, MiB, GiB or TiB, such as \"2GiB\"; this is {}", member.key,
                    text == nullptr ? std::string(kind_of(member.node)) : inventory::quoted(*text)));
}

void read_keep(Mistakes& mistakes, const KeyValue& member, HistorySettings& history) {
  const NodeTable* table = read_table(mistakes, member, "[history.keep]");
  if (table == nullptr) return;
  check_keys(mistakes, *table, "[history.keep]", {"runs", "age", "size"});
  if (const KeyValue* runs = find(*table, "runs"))
    if (const auto count = read_whole(mistakes, *runs, 1, most_runs)) history.runs = static_cast<std::uint64_t>(*count);
  if (const KeyValue* age = find(*table, "age"))
    if (const auto duration = read_duration(mistakes, *age, shortest_age, longest_age)) history.age = *duration;
  if (const KeyValue* size = find(*table, "size")) read_size(mistakes, *size, history);
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t count = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || count == 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const Unit& one : units)
    if (one.name == unit && count <= (std::uint64_t{1} << 50U) / one.bytes) return count * one.bytes;
  return std::nullopt;
}

void read_history(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  check_keys(mistakes, table, "[history]", {"state", "keep"});
  if (const KeyValue* state = find(table, "state"))
    if (const auto path = read_text(mistakes, *state, "\"/var/lib/audit\"")) {
      const std::filesystem::path folder =
          std::filesystem::path(mistakes.place(state->node.at).file).parent_path();  // of the file that says it
      inventory.history.state = path->starts_with('/') ? *path : (folder / *path).string();
    }
  if (const KeyValue* keep = find(table, "keep")) read_keep(mistakes, *keep, inventory.history);
}

}  // namespace audit::inventory
