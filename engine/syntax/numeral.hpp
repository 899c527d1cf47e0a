#pragma once

#include <string_view>

namespace audit::syntax {

/// Is the text a number of Lua's, and nothing else? Decimal or hexadecimal, with a fraction and an exponent or without
/// (reference manual section 3.1); no sign, no blanks.
[[nodiscard]] bool is_numeral(std::string_view text) noexcept;

}  // namespace audit::syntax
