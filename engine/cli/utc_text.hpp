#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"

namespace audit::cli {

/// What format_utc writes, seconds or milliseconds, with or without the Z: "2026-11-20T22:04:05.123Z".
[[nodiscard]] std::optional<WallTime> parse_utc(const std::string& text);

}  // namespace audit::cli
