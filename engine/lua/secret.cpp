#include "lua/secret.hpp"

#include <cstring>
#include <string>

#include "lua/arguments.hpp"
#include "lua/check.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

constexpr const char* secret_name = "audit.credential";
constexpr std::size_t longest = 1U << 20U;

/// What a block begins with; bytes, what is shown of them, and the names, each with a zero behind it, follow.
struct Head {
  std::size_t size;   // of bytes, and of shown
  std::size_t names;  // bytes of names
};

const Head& head_of(const void* secret) noexcept { return *static_cast<const Head*>(secret); }

const char* text_of(const void* secret) noexcept { return static_cast<const char*>(secret) + sizeof(Head); }

std::string_view names_of(const void* secret) noexcept {
  return {text_of(secret) + 2 * head_of(secret).size, head_of(secret).names};
}

bool holds(std::string_view names, std::string_view name) noexcept {
  for (; !names.empty(); names.remove_prefix(names.find('\0') + 1))
    if (names.substr(0, names.find('\0')) == name) return true;
  return false;
}

int secret_text(lua_State* L) {
  const void* secret = secret_at(L, 1);
  if (secret == nullptr) return luaL_error(L, "no credential");
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  const char* before = "credential ";
  for (std::string_view names = names_of(secret); !names.empty(); names.remove_prefix(names.find('\0') + 1)) {
    luaL_addstring(&text, before);
    luaL_addlstring(&text, names.data(), names.find('\0'));
    before = ", ";
  }
  luaL_pushresult(&text);
  return 1;
}

int refuse_concat(lua_State* L) {
  return luaL_error(L, "a credential is not text: bytes.join puts it into what is sent, and nobody sees it");
}

/// Pushes an empty block of the right size; the bytes are for the caller to fill in.
char* push_block(lua_State* L, std::size_t size, std::size_t names) {
  auto* head = static_cast<Head*>(lua_newuserdatauv(L, sizeof(Head) + 2 * size + names, 0));
  *head = Head{size, names};
  if (luaL_newmetatable(L, secret_name) != 0) {
    lua_pushcfunction(L, secret_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, refuse_concat);
    lua_setfield(L, -2, "__concat");
    lua_pushliteral(L, "credential");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  return static_cast<char*>(static_cast<void*>(head)) + sizeof(Head);
}

/// Calls the function with its arguments, secrets among them as bytes, or as asterisks.
void call_with(lua_State* L, int arguments, bool shown) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, lua_tocfunction(L, lua_upvalueindex(2)), 1);
  for (int i = 1; i <= arguments; ++i) {
    const void* secret = secret_at(L, i);
    if (secret == nullptr) {
      lua_pushvalue(L, i);
      continue;
    }
    const std::string_view text = shown ? shown_of(secret) : bytes_of(secret);
    lua_pushlstring(L, text.data(), text.size());
  }
  lua_call(L, arguments, 1);
}

std::string_view string_at(lua_State* L, int index) {
  std::size_t size = 0;
  const char* text = lua_tolstring(L, index, &size);
  return {text, size};
}

/// Upvalues: that of the function, if it has one; the function, which then finds its own in its place; its name; whether
/// secrets keep their place.
int call_sealing(lua_State* L) {
  const char* name = lua_tostring(L, lua_upvalueindex(3));
  const int arguments = lua_gettop(L);
  Secrets secrets;
  for (int i = 1; i <= arguments; ++i)
    if (const void* secret = secret_at(L, i)) note_secret(L, secrets, secret, name);
  if (secrets.count == 0) return lua_tocfunction(L, lua_upvalueindex(2))(L);
  luaL_checkstack(L, 2 * arguments + 8, name);
  call_with(L, arguments, false);
  if (lua_toboolean(L, lua_upvalueindex(4)) == 0) {
    push_secret(L, string_at(L, -1), {}, secrets);
    return 1;
  }
  call_with(L, arguments, true);
  if (lua_rawlen(L, -1) != lua_rawlen(L, -2)) return raise_mistake(L, name, "a credential cannot stand there");
  push_secret(L, string_at(L, -2), string_at(L, -1), secrets);
  return 1;
}

/// The part of user:password that is asked for; false where it has no such parts.
bool cut_part(std::string_view part, std::string_view& secret) noexcept {
  const std::size_t colon = secret.find(':');
  if (colon == std::string_view::npos) return false;
  secret = part == "user" ? secret.substr(0, colon) : secret.substr(colon + 1);
  return true;
}

/// Looks it up into the check, which outlives what Lua raises. False where it is missing; `problem` says why.
bool fetch_credential(Check& check, std::string_view name, std::string_view part) noexcept {
  try {
    check.problem.clear();
    Result<std::string> found =
        check.context.target().services().identity.credentials->find(name, check.context.target());
    if (!found) {
      check.problem = found.error().message;
      return false;
    }
    std::string_view wanted = *found;
    if (!part.empty() && !cut_part(part, wanted)) {
      check.problem = "credential `" + std::string(name) + "` is not of the form user:password";
      return false;
    }
    check.secret.assign(wanted);
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

const void* secret_at(lua_State* L, int index) noexcept {
  return lua_type(L, index) == LUA_TUSERDATA ? luaL_testudata(L, index, secret_name) : nullptr;
}

std::string_view bytes_of(const void* secret) noexcept { return {text_of(secret), head_of(secret).size}; }

std::string_view shown_of(const void* secret) noexcept {
  return {text_of(secret) + head_of(secret).size, head_of(secret).size};
}

void note_secret(lua_State* L, Secrets& secrets, const void* secret, const char* function) {
  if (secrets.count == Secrets::most) raise_mistake(L, function, "more than 8 credentials at once");
  secrets.blocks[secrets.count++] = secret;
}

void push_secret(lua_State* L, std::string_view bytes, std::string_view shown, const Secrets& of) {
  if (bytes.size() > longest) luaL_error(L, "what holds a credential is at most 1 MiB");
  luaL_Buffer names;
  luaL_buffinit(L, &names);
  for (std::size_t i = 0; i < of.count; ++i)
    luaL_addlstring(&names, names_of(of.blocks[i]).data(), names_of(of.blocks[i]).size());
  luaL_pushresult(&names);
  const std::string_view all = string_at(L, -1);
  char* block = push_block(L, bytes.size(), all.size());
  std::memcpy(block, bytes.data(), bytes.size());
  if (shown.empty()) {
    std::memset(block + bytes.size(), '*', bytes.size());
  } else {
    std::memcpy(block + bytes.size(), shown.data(), bytes.size());
  }
  std::memcpy(block + 2 * bytes.size(), all.data(), all.size());
  lua_remove(L, -2);
}

void push_credential(lua_State* L, std::string_view bytes, std::string_view name) {
  char* block = push_block(L, bytes.size(), name.size() + 1);
  std::memcpy(block, bytes.data(), bytes.size());
  std::memset(block + bytes.size(), '*', bytes.size());
  std::memcpy(block + 2 * bytes.size(), name.data(), name.size());
  block[2 * bytes.size() + name.size()] = '\0';
}

std::shared_ptr<const probe::Sealed> sealed_at(lua_State* L, int index) {
  const void* secret = secret_at(L, index);
  if (secret == nullptr) return nullptr;
  auto sealed = std::make_shared<probe::Sealed>();
  sealed->bytes = bytes_of(secret);
  sealed->shown = shown_of(secret);
  for (std::string_view names = names_of(secret); !names.empty(); names.remove_prefix(names.find('\0') + 1)) {
    const std::string_view name = names.substr(0, names.find('\0'));
    const auto before = names_of(secret).substr(0, names_of(secret).size() - names.size());
    if (!holds(before, name)) sealed->credentials.emplace_back(name);
  }
  return sealed;
}

void put_sealing(lua_State* L, const char* name, bool in_place) {
  lua_getfield(L, -1, name);
  if (lua_getupvalue(L, -1, 1) == nullptr) lua_pushnil(L);
  lua_pushcfunction(L, lua_tocfunction(L, -2));
  lua_pushstring(L, name);
  lua_pushboolean(L, in_place ? 1 : 0);
  lua_pushcclosure(L, call_sealing, 4);
  lua_remove(L, -2);
  lua_setfield(L, -2, name);
}

int target_credential(lua_State* L) {
  if (lua_type(L, 1) != LUA_TUSERDATA) return luaL_error(L, "call it with a colon, target:credential(\"name\")");
  Check* check = check_of(L);
  if (check == nullptr) return luaL_error(L, "credential may only be asked for within `check`");
  if (lua_type(L, 2) != LUA_TSTRING)
    return raise_mistake(L, "credential", "argument 1 is to be the name of a credential");
  const std::string_view name = string_at(L, 2);
  const std::string_view part = lua_type(L, 3) == LUA_TSTRING ? string_at(L, 3) : std::string_view();
  if (!lua_isnoneornil(L, 3) && part != "user" && part != "password")
    return raise_mistake(L, "credential", "argument 2 is \"user\" or \"password\", of user:password");
  if (!fetch_credential(*check, name, part)) {
    if (check->problem.empty()) return luaL_error(L, "credential: out of memory");
    push_probe_error(L, "missing_credential", check->problem);
    return lua_error(L);
  }
  push_credential(L, check->secret, name);
  return 1;
}

}  // namespace audit::lua
