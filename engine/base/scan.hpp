#pragma once

#include <cstddef>
#include <string_view>

namespace audit {

/// How many bytes at the front all satisfy `good`, a test of one byte without a branch: blocks of them become vector
/// instructions.
template <class Good>
[[nodiscard]] std::size_t length_of_good(std::string_view bytes, Good good) {
  constexpr std::size_t block = 32;
  std::size_t length = 0;
  while (bytes.size() - length >= block) {
    unsigned bad = 0;
    for (std::size_t i = 0; i < block; ++i) bad |= good(static_cast<unsigned char>(bytes[length + i])) ? 0U : 1U;
    if (bad != 0) break;
    length += block;
  }
  while (length < bytes.size() && good(static_cast<unsigned char>(bytes[length]))) ++length;
  return length;
}

}  // namespace audit
