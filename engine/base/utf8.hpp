#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace audit {

struct CodePoint {
  std::uint32_t code = 0;
  std::size_t length = 0;  // bytes taken; 0 where the bytes are not UTF-8 (RFC 3629: no surrogates, no overlong forms)
};

[[nodiscard]] CodePoint decode_utf8(std::string_view bytes) noexcept;
void append_utf8(std::string& bytes, std::uint32_t code);
/// Neither a control, nor invisible, nor one that changes the direction of text (Unicode Cc, Cf, Zl, Zp, noncharacters).
[[nodiscard]] bool is_printable(std::uint32_t code) noexcept;
/// Is there anything to see in these bytes: a character that is neither a blank nor invisible?
[[nodiscard]] bool has_visible(std::string_view bytes) noexcept;
/// Columns of a terminal: 0 combining, 2 East Asian wide or emoji, else 1.
[[nodiscard]] std::size_t width_of(std::uint32_t code) noexcept;

}  // namespace audit
