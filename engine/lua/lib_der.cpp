#include <array>

#include "lua/arguments.hpp"
#include "lua/check.hpp"
#include "lua/der_encoding.hpp"
#include "lua/sandbox.hpp"
#include "proto/der.hpp"

// der.decode and its companions: a tree of elements as plain tables.

namespace audit::lua {
namespace {

using proto::DerElement;
using proto::DerWalk;
using proto::TagClass;

constexpr std::uint64_t bytes_a_step = 16;
constexpr std::uint64_t steps_an_element = 32;

void set_text(lua_State* L, const char* key, std::string_view text) {
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, -2, key);
}

void set_integer(lua_State* L, const char* key, std::size_t number) {
  lua_pushinteger(L, static_cast<lua_Integer>(number));
  lua_setfield(L, -2, key);
}

/// Pushes the dotted text, or nil where an arc is above 64 bits.
void push_oid(lua_State* L, std::string_view content, bool relative) {
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(L, &buffer, proto::oid_text_size(content.size()));
  const std::size_t size = proto::write_oid_text(content, relative, out);
  luaL_pushresultsize(&buffer, size);
  if (size != 0) return;
  lua_pop(L, 1);
  lua_pushnil(L);
}

/// Sets `value` of the table on top, and `unused` of a BIT STRING; nothing where Lua has no such value.
void set_value(lua_State* L, std::uint32_t type, std::string_view content) {
  switch (type) {
    case proto::tag::boolean: lua_pushboolean(L, content.front() != '\0'); break;
    case proto::tag::integer:
    case proto::tag::enumerated: {
      const auto number = proto::read_integer(content);
      if (!number) return;
      lua_pushinteger(L, *number);
      break;
    }
    case proto::tag::bit_string:
      set_integer(L, "unused", static_cast<unsigned char>(content.front()));
      lua_pushlstring(L, content.data() + 1, content.size() - 1);
      break;
    case proto::tag::null: return;
    case proto::tag::oid:
    case proto::tag::relative_oid: push_oid(L, content, type == proto::tag::relative_oid); break;
    default: lua_getfield(L, -1, "bytes"); break;
  }
  lua_setfield(L, -2, "value");
}

void push_element(lua_State* L, const DerWalk& walk) {
  const DerElement& element = walk.element();
  const bool universal = element.tag_class == TagClass::universal;
  constexpr int most_fields = 9;
  lua_createtable(L, 0, most_fields);
  set_text(L, "class", name_of_class(element.tag_class));
  set_integer(L, "tag", element.tag);
  set_integer(L, "first", element.begin + 1);
  set_integer(L, "last", element.end);
  lua_pushboolean(L, element.constructed ? 1 : 0);
  lua_setfield(L, -2, "constructed");
  const std::string_view type = universal ? proto::name_of_type(element.tag) : std::string_view();
  if (!type.empty()) set_text(L, "type", type);
  if (element.constructed) return;
  set_text(L, "bytes", walk.content());
  constexpr std::uint32_t plain = proto::tag::octet_string;
  set_value(L, universal ? element.tag : plain, walk.content());
}

struct DecodeOptions {
  std::size_t position = 1;
  proto::Coding coding = proto::Coding::der;
};

DecodeOptions read_options(lua_State* L, std::size_t size) {
  constexpr const char* function = "der.decode";
  DecodeOptions options;
  if (lua_isnoneornil(L, 2)) return options;
  if (!lua_istable(L, 2)) raise_mistake(L, function, "argument 2 (options) is to be a table");
  count_walk(L);
  for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
    const std::string_view key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (key == "ber" && lua_isboolean(L, -1)) {
      options.coding = lua_toboolean(L, -1) != 0 ? proto::Coding::ber : proto::Coding::der;
    } else if (key == "position" && lua_isinteger(L, -1) != 0 && lua_tointeger(L, -1) >= 1) {
      const lua_Integer position = lua_tointeger(L, -1);
      options.position = static_cast<lua_Unsigned>(position) > size ? size + 1 : static_cast<std::size_t>(position);
    } else {
      raise_mistake(L, function, "options are `ber` (true or false) and `position` (an integer from 1)");
    }
  }
  return options;
}

/// decode(bytes [, options]): the element at a position, and the position behind it.
int der_decode(lua_State* L) {
  const std::string_view bytes = text_argument(L, "der.decode", 1, "bytes");
  const DecodeOptions options = read_options(L, bytes.size());
  lua_settop(L, 1);
  luaL_checkstack(L, static_cast<int>(proto::deepest_der) + 8, "der.decode");
  DerWalk walk(bytes, options.position - 1, options.coding);
  std::array<lua_Integer, proto::deepest_der + 1> counts{};  // of children, by depth; the open tables are on the stack
  while (true) {
    switch (walk.next()) {
      case DerWalk::Event::mistake:
        return raise_protocol_error(L, "der.decode", "%s, at byte %I of %I", walk.mistake(),
                                    static_cast<LUAI_UACINT>(walk.offset() + 1),
                                    static_cast<LUAI_UACINT>(bytes.size()));
      case DerWalk::Event::done: lua_pushinteger(L, static_cast<lua_Integer>(walk.offset() + 1)); return 2;
      case DerWalk::Event::leave: break;
      case DerWalk::Event::element:
        spend_steps(L, steps_an_element + (walk.element().constructed ? 0 : walk.content().size() / bytes_a_step));
        push_element(L, walk);
        if (!walk.element().constructed) break;
        counts[walk.depth()] = 0;
        continue;
    }
    // An element is complete: into the one that holds it.
    if (walk.depth() > 0) lua_rawseti(L, -2, ++counts[walk.depth()]);
  }
}

/// encode(value): bytes.
int der_encode(lua_State* L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  Secrets secrets;
  push_der(L, 1, secrets, false);
  if (secrets.count == 0) return 1;
  Secrets again;
  push_der(L, 1, again, true);
  std::size_t size = 0;
  const char* bytes = lua_tolstring(L, 2, &size);
  push_secret(L, {bytes, size}, {lua_tostring(L, 3), size}, secrets);
  return 1;
}

/// integer(contents): the number, or nil where it needs more than 64 bits.
int der_integer(lua_State* L) {
  const std::string_view content = text_argument(L, "der.integer", 1, "contents of an element");
  if (content.empty()) return raise_protocol_error(L, "der.integer", "an INTEGER without a byte");
  spend_steps(L, content.size() / bytes_a_step);
  const auto number = proto::read_integer(content);
  if (!number) {
    lua_pushnil(L);
  } else {
    lua_pushinteger(L, *number);
  }
  return 1;
}

/// oid(contents): dotted text, or nil where an arc needs more than 64 bits.
int der_oid(lua_State* L) {
  const std::string_view content = text_argument(L, "der.oid", 1, "contents of an element");
  spend_steps(L, content.size());
  if (content.size() > longest_result / 8) return raise_mistake(L, "der.oid", "argument 1 is to be at most 8 MiB");
  const char* mistake = proto::content_mistake(proto::tag::oid, content, proto::Coding::ber);
  if (mistake != nullptr) return raise_protocol_error(L, "der.oid", "%s", mistake);
  push_oid(L, content, false);
  return 1;
}

}  // namespace

void register_der(lua_State* L, int environment) {
  const luaL_Reg functions[] = {
      {"decode", der_decode}, {"encode", der_encode}, {"integer", der_integer}, {"oid", der_oid}, {nullptr, nullptr}};
  put_library(L, environment, "der", functions);
}

}  // namespace audit::lua
