#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Typed reading of one key: the value, or nothing and a mistake that says what it has to be. `example` is what one
/// could write, as it stands in the file: `"2s"`.

struct Text {
  std::string text;
  Position at;
};

inline constexpr std::size_t longest_text = 256;

/// Neither empty nor longer than `longest_text` bytes, and without control characters: it will stand in requests.
[[nodiscard]] std::optional<std::string> read_text(Mistakes& mistakes, const KeyValue& member,
                                                   std::string_view example);
[[nodiscard]] std::optional<bool> read_boolean(Mistakes& mistakes, const KeyValue& member);
[[nodiscard]] std::optional<std::int64_t> read_whole(Mistakes& mistakes, const KeyValue& member, std::int64_t low,
                                                     std::int64_t high);
[[nodiscard]] std::optional<double> read_number(Mistakes& mistakes, const KeyValue& member, double low, double high);
[[nodiscard]] std::optional<Duration> read_duration(Mistakes& mistakes, const KeyValue& member, Duration low,
                                                    Duration high);
/// A list of texts; those that are none are left out.
[[nodiscard]] std::vector<Text> read_texts(Mistakes& mistakes, const KeyValue& member, std::string_view example);
/// The members of a table; `header` is how it is opened: "[limits]".
[[nodiscard]] const NodeTable* read_table(Mistakes& mistakes, const KeyValue& member, std::string_view header);

/// Every key of `table` is one of `known`; `where` names the table in messages: "[limits]". The message lists all of
/// `known`, by which a test compares docs/inventory.schema.json with the loader.
void check_keys(Mistakes& mistakes, const NodeTable& table, std::string_view where,
                const std::vector<std::string_view>& known);

/// `has to be a list such as ["a"]; this is text`, added at the value's place.
void wrong_kind(Mistakes& mistakes, const KeyValue& member, std::string_view wanted, std::string_view example);
/// `; did you mean "rate"?` where a choice is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& choices);
/// As did_you_mean, or a list of all choices where none is near, or nothing where there are none.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string_view>& choices);
/// In double quotes, made safe to print and of bounded length.
[[nodiscard]] std::string quoted(std::string_view text);
/// In double quotes, safe to print, and whole: two texts have equal literals only where they are equal.
[[nodiscard]] std::string literal(std::string_view text);
/// The beginning of a text that is safe to print already.
[[nodiscard]] std::string abbreviated(std::string_view text);

}  // namespace audit::inventory
