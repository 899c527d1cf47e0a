#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/block.hpp"
#include "inventory/parsed.hpp"

namespace audit::inventory {

/// The most blocks that one octet range may fall into.
inline constexpr std::size_t most_octet_blocks = 65'536;

/// Is this four numbers or ranges of numbers with dots between, and a range before the last? "10.0.0-3.1-254".
[[nodiscard]] bool meant_as_octets(std::string_view text);
/// The addresses in as few blocks as they fall into, ascending.
[[nodiscard]] Parsed<std::vector<AddressBlock>> parse_octets(std::string_view text);

}  // namespace audit::inventory
