#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/day.hpp"
#include "inventory/mistakes.hpp"

namespace audit::inventory {

struct Node;
struct KeyValue;
/// A date or a time of TOML; `day` where it is a local date, which is all that a key of an inventory takes.
struct Date {
  std::optional<Day> day;
};

using NodeList = std::vector<Node>;
using NodeTable = std::vector<KeyValue>;  // in the order of the file

/// A TOML value and where it stands: what the rest of this folder reads, so that toml++ stays in one file.
struct Node {
  Position at;
  std::variant<bool, std::int64_t, double, std::string, Date, NodeList, NodeTable> value;

  template <class T>
  [[nodiscard]] const T* get_if() const noexcept {
    return std::get_if<T>(&value);
  }
};

/// A key of a table and its value.
struct KeyValue {
  std::string key;
  Position at;  // of the key; of the header where the table was opened by one
  Node node;
};

[[nodiscard]] const KeyValue* find(const NodeTable& table, std::string_view key) noexcept;
/// "text", "a whole number", "a list", …, as messages say it.
[[nodiscard]] std::string_view kind_of(const Node& node) noexcept;

/// The tree of a text that prescan() let through; a syntax error is added to `mistakes`. `file`: of its positions;
/// `shown`: what is wrong may stand in the message.
[[nodiscard]] std::optional<NodeTable> parse_toml(std::string_view text, Mistakes& mistakes, std::uint32_t file = 0,
                                                  bool shown = true);

}  // namespace audit::inventory
