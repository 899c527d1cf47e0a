#pragma once

#include <string>
#include <string_view>

#include "notify/news.hpp"

namespace audit::notify {

/// "start", "success" or "fail".
[[nodiscard]] std::string_view stage_of(const News& news);

/// The path of a dead-man's switch as healthchecks.io has them: /start or /fail behind it, before a query, and nothing
/// for success.
[[nodiscard]] std::string ping_path(std::string_view path, const News& news);

}  // namespace audit::notify
