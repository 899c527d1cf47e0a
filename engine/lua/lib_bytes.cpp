#include <cstring>

#include "lua/arguments.hpp"
#include "lua/check.hpp"
#include "lua/sandbox.hpp"
#include "lua/secret.hpp"
#include "proto/encoding.hpp"
#include "proto/hash.hpp"

// bytes: hex, base64, numbers in bytes, comparing.

namespace audit::lua {
namespace {

constexpr std::uint64_t bytes_a_step = 16;

/// Writes `bytes` in another form: `size` bytes of it.
int push_written(lua_State* L, const char* function, std::string_view bytes, std::size_t size,
                 void (*write)(std::string_view, char*) noexcept) {
  if (size > longest_result) return raise_mistake(L, function, "the result would be longer than 64 MiB");
  spend_steps(L, bytes.size() / bytes_a_step);
  luaL_Buffer buffer;
  write(bytes, luaL_buffinitsize(L, &buffer, size));
  luaL_pushresultsize(&buffer, size);
  return 1;
}

int push_read(lua_State* L, const char* function, std::string_view text,
              proto::Decoded (*read)(std::string_view, char*) noexcept) {
  spend_steps(L, text.size() / bytes_a_step);
  luaL_Buffer buffer;
  const proto::Decoded decoded = read(text, luaL_buffinitsize(L, &buffer, text.size()));
  if (decoded.mistake != nullptr)
    return raise_protocol_error(L, function, "%s, at byte %I of %I", decoded.mistake,
                                static_cast<LUAI_UACINT>(decoded.offset + 1), static_cast<LUAI_UACINT>(text.size()));
  luaL_pushresultsize(&buffer, decoded.size);
  return 1;
}

int bytes_hex(lua_State* L) {
  const std::string_view bytes = text_argument(L, "bytes.hex", 1, "bytes");
  return push_written(L, "bytes.hex", bytes, proto::hex_size(bytes.size()), proto::write_hex);
}

int bytes_unhex(lua_State* L) {
  return push_read(L, "bytes.unhex", text_argument(L, "bytes.unhex", 1, "hex digits"), proto::read_hex);
}

int bytes_base64(lua_State* L) {
  const std::string_view bytes = text_argument(L, "bytes.base64", 1, "bytes");
  return push_written(L, "bytes.base64", bytes, proto::base64_size(bytes.size()), proto::write_base64);
}

int bytes_unbase64(lua_State* L) {
  return push_read(L, "bytes.unbase64", text_argument(L, "bytes.unbase64", 1, "base64 digits"), proto::read_base64);
}

int bytes_equal(lua_State* L) {
  const std::string_view a = text_argument(L, "bytes.equal", 1, "bytes");
  const std::string_view b = text_argument(L, "bytes.equal", 2, "bytes");
  spend_steps(L, a.size() / bytes_a_step);
  lua_pushboolean(L, proto::equal_in_constant_time(a, b) ? 1 : 0);
  return 1;
}

int bytes_xor(lua_State* L) {
  const std::string_view a = text_argument(L, "bytes.xor", 1, "bytes");
  const std::string_view b = text_argument(L, "bytes.xor", 2, "bytes");
  if (a.size() != b.size())
    return raise_mistake(L, "bytes.xor", "the arguments are to be of one length, not %I and %I bytes",
                         static_cast<LUAI_UACINT>(a.size()), static_cast<LUAI_UACINT>(b.size()));
  spend_steps(L, a.size() / bytes_a_step);
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(L, &buffer, a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = static_cast<char>(a[i] ^ b[i]);
  luaL_pushresultsize(&buffer, a.size());
  return 1;
}

/// join(...): the strings one after another.
int bytes_join(lua_State* L) {
  constexpr const char* function = "bytes.join";
  const int arguments = lua_gettop(L);
  luaL_checkstack(L, 8, function);
  luaL_Buffer buffer;
  std::size_t size = 0;
  for (int i = 1; i <= arguments; ++i) size += text_argument(L, function, i, "bytes").size();
  if (size > longest_result) return raise_mistake(L, function, "the result would be longer than 64 MiB");
  spend_steps(L, static_cast<std::uint64_t>(arguments) + size / bytes_a_step);
  luaL_buffinit(L, &buffer);
  for (int i = 1; i <= arguments; ++i) {
    const std::string_view part = text_argument(L, function, i, "bytes");
    luaL_addlstring(&buffer, part.data(), part.size());
  }
  luaL_pushresult(&buffer);
  return 1;
}

/// length(s): in decimal digits, as protocols write it before what it counts.
int bytes_length(lua_State* L) {
  const std::string_view bytes = text_argument(L, "bytes.length", 1, "bytes");
  lua_pushfstring(L, "%I", static_cast<LUAI_UACINT>(bytes.size()));
  return 1;
}

/// Complaints of string.unpack about the bytes, not about the format: what a peer cut short.
bool is_of_the_bytes(const char* text) noexcept {
  for (const char* part : {"data string too short", "unfinished string", "initial position out of string",
                           "does not fit into Lua Integer"})
    if (std::strstr(text, part) != nullptr) return true;
  return false;
}

/// string.unpack, the upvalue, for which bytes that are too short are the peer's mistake and not the rule's.
int bytes_unpack(lua_State* L) {
  const std::string_view format = text_argument(L, "bytes.unpack", 1, "format");
  const std::string_view bytes = text_argument(L, "bytes.unpack", 2, "bytes");
  spend_steps(L, format.size() + bytes.size() / bytes_a_step);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0) == LUA_OK) return lua_gettop(L);
  const char* text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "out of memory";
  if (is_of_the_bytes(text)) return raise_protocol_error(L, "bytes.unpack", "%s", text);
  return raise_mistake(L, "bytes.unpack", "%s", text);
}

}  // namespace

void register_bytes(lua_State* L, int environment) {
  const luaL_Reg functions[] = {{"hex", bytes_hex},           {"unhex", bytes_unhex},   {"base64", bytes_base64},
                                {"unbase64", bytes_unbase64}, {"equal", bytes_equal},   {"xor", bytes_xor},
                                {"join", bytes_join},         {"length", bytes_length}, {nullptr, nullptr}};
  put_library(L, environment, "bytes", functions);
  lua_getfield(L, environment, "bytes");
  lua_getfield(L, environment, "string");
  lua_getfield(L, -1, "pack");
  lua_setfield(L, -3, "pack");
  lua_pop(L, 1);
  for (const char* name : {"pack", "join"}) put_sealing(L, name, true);
  for (const char* name : {"hex", "base64", "xor", "length"}) put_sealing(L, name, false);
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "unpack");
  lua_pushcclosure(L, bytes_unpack, 1);
  lua_setfield(L, -3, "unpack");
  lua_pop(L, 2);
}

}  // namespace audit::lua
