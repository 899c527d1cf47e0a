#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/notifier.hpp"
#include "notify/news.hpp"

namespace audit::notify {

inline constexpr std::string_view no_comparison = "no earlier run to compare with";

/// The conditions that hold, in words; none where this notifier has nothing to say. One that needs an earlier run holds
/// without one too, unless this run alone rules it out, and says so: what cannot be known is told.
[[nodiscard]] std::vector<std::string> reasons_of(const NotifyWhen& when, const News& news);

/// "changed, incomplete"
[[nodiscard]] std::string joined(const std::vector<std::string>& reasons);

}  // namespace audit::notify
