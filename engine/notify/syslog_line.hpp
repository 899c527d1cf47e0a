#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "notify/message.hpp"

namespace audit::notify {

/// The severity of RFC 5424, table 2: critical 2 and error 3 by the gravest failure that no waiver covers, warning 4 for
/// medium and low ones; an incomplete run is at least an error; 6 where all is well.
[[nodiscard]] unsigned syslog_severity(const News& news);

/// A PARAM-VALUE (RFC 5424 6.3.3): `visible` text in which ", \ and ] are escaped.
[[nodiscard]] std::string param_value(std::string_view text);

/// PRINTUSASCII of at most `most` bytes, "-" where nothing is left (RFC 5424 6).
[[nodiscard]] std::string header_field(std::string_view text, std::size_t most);

/// A message of RFC 5424, of at most 2,048 bytes, which every receiver should take (6.1): result in its structured data,
/// `audit@32473`, and a line of text.
[[nodiscard]] std::string syslog_line(const Message& message, std::uint8_t facility, int process);

}  // namespace audit::notify
