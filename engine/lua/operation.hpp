#pragma once

#include "lua/check.hpp"

namespace audit::lua {

/// Hands an operation to the driver and yields; the continuation raises its error or pushes its results. Call as the
/// last thing of a binding, after `make` has put the operation into the check.
int await_operation(lua_State* L);

}  // namespace audit::lua
