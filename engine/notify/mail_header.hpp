#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace audit::notify {

/// A header field's text (RFC 5322): as it is where it is short, printable ASCII, else in encoded words (RFC 2047) of
/// at most 75 bytes, folded. Whatever the bytes, it ends no line and begins no other header.
[[nodiscard]] std::string header_text(std::string_view text);

/// "Sun, 22 Nov 2026 01:02:03 +0000"
[[nodiscard]] std::string mail_date(WallTime time);

}  // namespace audit::notify
