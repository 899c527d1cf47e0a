#pragma once

#include <string_view>
#include <vector>

#include "lua/lua.hpp"
#include "probe/conversation.hpp"

namespace audit::lua {

/// Pushes a stream of the running check: methods read, read_until, read_line, write, shutdown, close; fields remote,
/// connect_time; to be closed (`local conn <close>`). The check owns the conversation and outlives the value.
void push_stream(lua_State* L, probe::Conversation& conversation);
/// The conversation behind a value; null where it is no stream.
[[nodiscard]] probe::Conversation* stream_at(lua_State* L, int index) noexcept;
/// What a stream has.
[[nodiscard]] std::vector<std::string_view> stream_field_names();
[[nodiscard]] std::vector<std::string_view> stream_method_names();

}  // namespace audit::lua
