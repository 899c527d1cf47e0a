#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace audit::test {

/// The bytes of hex digits, which may stand in groups: "30 03 0201 05".
inline std::string hexed(std::string_view digits) {
  std::string bytes;
  if (!from_hex(digits, bytes)) throw std::invalid_argument("not hex: " + std::string(digits));
  return bytes;
}

}  // namespace audit::test
