#pragma once

#include <string_view>

#include "lua/vocabulary.hpp"

namespace audit::lua {

/// The options that a probe's word takes, or `connect`, as it says itself; none where there is no such word. Asks nobody.
[[nodiscard]] Names option_names(std::string_view word);

}  // namespace audit::lua
