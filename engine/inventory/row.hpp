#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/day.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// The tables of `[[waivers]]` and its like; what is none is a mistake and left out.
[[nodiscard]] std::vector<const Node*> read_rows(Mistakes& mistakes, const KeyValue& section);

/// One such table, read key by key; a key that must be there and is not is a mistake at the table. One thread.
class Row {
 public:
  /// `what` in messages: "this waiver".
  Row(Mistakes& mistakes, const Node& node, std::string_view what);

  [[nodiscard]] const KeyValue* find(std::string_view key) const;
  /// As find, and a mistake where it is not there: `this waiver has no reason; write reason = "…"`.
  [[nodiscard]] const KeyValue* need(std::string_view key, std::string_view example);
  [[nodiscard]] std::string text(std::string_view key, std::string_view example);
  [[nodiscard]] std::optional<Day> day(std::string_view key, std::string_view example);
  [[nodiscard]] const NodeTable& table() const { return *node_.get_if<NodeTable>(); }
  [[nodiscard]] Position at() const { return node_.at; }

 private:
  Mistakes& mistakes_;
  const Node& node_;
  std::string_view what_;
};

/// What a person wrote over several lines: as read_text, but line breaks and tabs pass, and so do 2,000 bytes.
[[nodiscard]] std::optional<std::string> read_prose(Mistakes& mistakes, const KeyValue& member,
                                                    std::string_view example);

}  // namespace audit::inventory
