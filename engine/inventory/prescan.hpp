#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/mistakes.hpp"

namespace audit::inventory {

/// More than any inventory needs: the deepest key, groups.NAME.expect.tcp.sweep, has five parts.
inline constexpr unsigned deepest_nesting = 32;
inline constexpr std::size_t longest_line = std::size_t{1} << 20U;
inline constexpr std::size_t most_values = 4'000'000;
inline constexpr std::size_t most_dotted = 250'000;  // toml++ 3.3 takes time quadratic in their number

struct Refusal {
  Position at;
  std::string message;
};

/// Looks at the text before toml++ does, which overflows the stack on deep keys: not UTF-8, keys or brackets nested too
/// deep, lines too long, too many values. One pass, no memory; knows TOML's strings and comments, nothing else.
[[nodiscard]] std::optional<Refusal> prescan(std::string_view text);

}  // namespace audit::inventory
