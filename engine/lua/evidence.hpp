#pragma once

#include <memory>

#include "lua/check.hpp"

namespace audit::lua {

/// The observation that a probe's table or a stream stands for; null where the value is none. Raises nothing.
[[nodiscard]] std::shared_ptr<Observation> observation_of(lua_State* L, int index, const Check& check);

}  // namespace audit::lua
