#pragma once

#include <functional>
#include <string>

#include "base/value.hpp"
#include "lua/lua.hpp"

namespace audit::lua {

/// Makes the value that stands for a secret at `index`.
using TakeSecret = std::function<void(int index, Value& value)>;

/// Copies plain Lua data (nil, booleans, numbers, strings, tables of those) without running any Lua and without raising.
/// False where it holds anything else, is nested deeper than 16, or larger than `most` bytes; `problem` says which.
/// Where there is a `take`, the table itself may hold secrets too, and no table within it.
[[nodiscard]] bool to_value(lua_State* L, int index, Value& value, std::size_t most, std::string& problem,
                            const TakeSecret* take = nullptr) noexcept;
/// Pushes plain data; may raise a memory error, so only where Lua protects.
void push_value(lua_State* L, const Value& value);

/// The key under which a probe's table keeps the number of its observation; `pairs` never shows it.
[[nodiscard]] const void* observation_key() noexcept;

}  // namespace audit::lua
