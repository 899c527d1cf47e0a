#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "lua/lua.hpp"
#include "probe/sealed.hpp"

namespace audit::lua {

// A secret in Lua's memory: userdata that scripts can pass on and name, and neither read, measure nor compare with text.
// Its bytes lie in the block itself, which the check's memory cap counts, and nothing of it needs a destructor.

/// The secrets that one result is made of.
struct Secrets {
  static constexpr std::size_t most = 8;
  std::array<const void*, most> blocks{};
  std::size_t count = 0;
};

/// The block of a secret; null where the value is none.
[[nodiscard]] const void* secret_at(lua_State* L, int index) noexcept;
[[nodiscard]] std::string_view bytes_of(const void* secret) noexcept;
/// As long as its bytes, with asterisks in place of what is secret.
[[nodiscard]] std::string_view shown_of(const void* secret) noexcept;
/// Raises a mistake past the eighth.
void note_secret(lua_State* L, Secrets& secrets, const void* secret, const char* function);

/// Pushes a secret that comes of others; `shown` is as long as `bytes`, or empty for asterisks throughout.
void push_secret(lua_State* L, std::string_view bytes, std::string_view shown, const Secrets& of);
/// Pushes a credential of the inventory.
void push_credential(lua_State* L, std::string_view bytes, std::string_view name);
/// What the secret at `index` is to a socket.
[[nodiscard]] std::shared_ptr<const probe::Sealed> sealed_at(lua_State* L, int index);

/// Replaces the function `name` of the table on top by one that takes secrets among its arguments too, and gives a secret
/// then. `in_place`: where a secret was stays to be told in the result; else all of it is one.
void put_sealing(lua_State* L, const char* name, bool in_place);

/// target:credential(name [, part]): part is "user" or "password" of user:password. Raises missing_credential.
int target_credential(lua_State* L);

}  // namespace audit::lua
