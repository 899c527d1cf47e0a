#pragma once

#include <string>
#include <string_view>

namespace audit {

/// SHA-256 (FIPS 180-4) in lower-case hex.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace audit
