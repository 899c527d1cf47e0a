#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "lua/lua.hpp"

namespace audit::lua {

/// Pushes the table that every rule sees behind its fresh `_ENV`: the safe part of Lua's library, frozen, and the rule
/// language. Runs once a state, in Lua's protection.
void push_base_environment(lua_State* L);
/// Makes the table on top of the stack read-only for scripts: replaces it by a proxy.
void freeze(lua_State* L);
/// The upvalue-free functions that replace Lua's own where those reveal order or addresses, or loop unbounded.
void register_safe_functions(lua_State* L, int environment);
/// Puts Lua's functions that loop over what a script names behind a meter.
void register_counted_functions(lua_State* L, int environment);
/// Pattern matching that counts its steps: string.find, match, gmatch, gsub. There is a table `string` already.
void register_pattern_functions(lua_State* L, int environment);
/// A stable table.sort, whose order depends on nothing but the list. There is a table `table` already.
void register_sort(lua_State* L, int environment);
/// string.format without addresses; wraps the one that is there.
void register_safe_format(lua_State* L, int environment);
/// pass, fail, not_applicable, info.
void register_verdicts(lua_State* L, int environment);
[[nodiscard]] std::vector<std::string_view> verdict_names();
/// Hex, base64 and numbers in bytes; hashes and ciphers; DER.
void register_bytes(lua_State* L, int environment);
void register_crypto(lua_State* L, int environment);
void register_der(lua_State* L, int environment);
/// parallel { … }: functions of one check side by side.
void register_parallel(lua_State* L, int environment);
/// pcall, try, raise: error's companions.
void register_protection(lua_State* L, int environment);

/// Loads a chunk whose `_ENV` is a local that its caller passes: one compiled function serves every check, each with an
/// environment of its own. Text only. As luaL_loadbuffer.
[[nodiscard]] int load_chunk(lua_State* L, const char* source, std::size_t size, const char* name);

/// The error value of a probe that could not answer: `kind`, `message`, and a text of both.
void push_probe_error(lua_State* L, const char* kind, std::string_view message);
/// Is the value a probe error? Pushes its kind and message where it is.
[[nodiscard]] bool read_probe_error(lua_State* L, int index);

}  // namespace audit::lua
