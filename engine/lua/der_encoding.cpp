#include "lua/der_encoding.hpp"

#include <array>
#include <optional>

#include "lua/arguments.hpp"
#include "lua/check.hpp"

namespace audit::lua {
namespace {

using proto::TagClass;

constexpr std::size_t longest = 16U << 20U;
constexpr std::uint64_t bytes_a_step = 16;
constexpr std::uint64_t steps_an_element = 32;
constexpr std::array<std::string_view, 4> class_names{"universal", "application", "context", "private"};
constexpr std::array<std::string_view, 9> field_names{"type",  "class",  "tag",   "constructed", "value",
                                                      "bytes", "unused", "first", "last"};

/// Where the encoder is.
struct Encoder {
  lua_State* L;
  std::array<lua_Integer, proto::deepest_der> path;  // which child, by depth
  std::size_t depth;
  std::size_t elements;
  Secrets& secrets;
  bool masked;

  std::string_view take(const void* secret) const {
    note_secret(L, secrets, secret, "der.encode");
    return masked ? shown_of(secret) : bytes_of(secret);
  }
};

/// A table's own account of its element.
struct Shape {
  TagClass tag_class = TagClass::universal;
  std::uint32_t tag = 0;
  std::uint32_t type = 0;  // the universal type of its contents; 0: bytes, or elements
  bool constructed = false;
};

[[noreturn]] void fail(const Encoder& at, const char* what, const char* detail = "") {
  lua_State* L = at.L;
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "der.encode: ");
  for (std::size_t i = 0; i < at.depth; ++i) {
    lua_pushfstring(L, i == 0 ? "element %I" : ".%I", static_cast<LUAI_UACINT>(at.path[i]));
    luaL_addvalue(&text);
  }
  if (at.depth > 0) luaL_addstring(&text, ": ");
  lua_pushfstring(L, what, detail);
  luaL_addvalue(&text);
  luaL_pushresult(&text);
  luaL_error(L, "%s", lua_tostring(L, -1));
  __builtin_unreachable();
}

int raw_field(lua_State* L, int table, const char* name) {
  lua_pushstring(L, name);
  return lua_rawget(L, table);
}

/// The table's field as text that stays alive in it; empty where there is none.
std::string_view text_field(const Encoder& at, int table, const char* name) {
  std::size_t size = 0;
  const char* text = "";
  const int kind = raw_field(at.L, table, name);
  if (kind == LUA_TSTRING) {
    text = lua_tolstring(at.L, -1, &size);
  } else if (const void* secret = secret_at(at.L, -1); secret != nullptr && name == std::string_view("value")) {
    const std::string_view bytes = at.take(secret);
    text = bytes.data();
    size = bytes.size();
  } else if (kind != LUA_TNIL) {
    fail(at, "`%s` is to be a string", name);
  }
  lua_pop(at.L, 1);
  return {text, size};
}

std::optional<bool> flag_field(const Encoder& at, int table, const char* name) {
  const int kind = raw_field(at.L, table, name);
  if (kind != LUA_TNIL && kind != LUA_TBOOLEAN) fail(at, "`%s` is to be true or false", name);
  const bool flag = lua_toboolean(at.L, -1) != 0;
  lua_pop(at.L, 1);
  return kind == LUA_TNIL ? std::nullopt : std::optional(flag);
}

std::optional<lua_Integer> integer_field(const Encoder& at, int table, const char* name, lua_Integer most) {
  const int kind = raw_field(at.L, table, name);
  const lua_Integer number = lua_tointeger(at.L, -1);
  if (kind != LUA_TNIL && (lua_isinteger(at.L, -1) == 0 || number < 0 || number > most))
    fail(at, "%s", lua_pushfstring(at.L, "`%s` is to be an integer of 0 to %I", name, static_cast<LUAI_UACINT>(most)));
  lua_pop(at.L, 1);
  return kind == LUA_TNIL ? std::nullopt : std::optional(number);
}

/// Every key is one that is known: a mistyped one would be left out in silence.
void check_keys(const Encoder& at, int table) {
  const auto children = static_cast<lua_Integer>(lua_rawlen(at.L, table));
  spend_steps(at.L, static_cast<std::uint64_t>(children));
  count_walk(at.L);
  for (lua_pushnil(at.L); lua_next(at.L, table) != 0; lua_pop(at.L, 1)) {
    if (lua_isinteger(at.L, -2) != 0) {
      if (const lua_Integer key = lua_tointeger(at.L, -2); key >= 1 && key <= children) continue;
      fail(at, "its children are to be a list without holes");
    }
    const char* key = lua_type(at.L, -2) == LUA_TSTRING ? lua_tostring(at.L, -2) : luaL_typename(at.L, -2);
    bool known = false;
    for (const std::string_view name : field_names) known = known || name == key;
    if (!known) fail(at, "no field `%s`", key);
  }
}

TagClass read_class(const Encoder& at, std::string_view name) {
  if (name.empty()) return TagClass::universal;
  for (std::size_t i = 0; i < class_names.size(); ++i)
    if (class_names[i] == name) return static_cast<TagClass>(i);
  fail(at, "`class` is to be \"universal\", \"application\", \"context\" or \"private\"");
}

Shape read_shape(const Encoder& at, int table) {
  check_keys(at, table);
  Shape shape;
  const std::string_view type = text_field(at, table, "type");
  shape.tag_class = read_class(at, text_field(at, table, "class"));
  const auto tag = integer_field(at, table, "tag", proto::largest_tag);
  const auto constructed = flag_field(at, table, "constructed");
  const bool universal = shape.tag_class == TagClass::universal;
  if (!type.empty()) {
    const auto found = proto::find_type(type);
    if (!found) fail(at, "no type `%s`; they are written as in X.680, \"OCTET STRING\"", type.data());
    shape.type = *found;
  } else if (universal) {
    shape.type = tag ? static_cast<std::uint32_t>(*tag) : proto::tag::sequence;
    if (proto::name_of_type(shape.type).empty()) fail(at, "`tag` is that of no universal type");
  }
  if (universal && tag && *tag != shape.type) fail(at, "`tag` is not that of its `type`; another one needs a `class`");
  if (!universal && !tag) fail(at, "a `class` needs a `tag`");
  shape.tag = tag ? static_cast<std::uint32_t>(*tag) : shape.type;
  if (shape.type != 0) {
    shape.constructed = proto::is_constructed_type(shape.type);
    if (constructed && *constructed != shape.constructed) fail(at, "`constructed` is not so for its type");
  } else if (constructed) {
    shape.constructed = *constructed;
  } else {
    const int value = raw_field(at.L, table, "value");
    const int bytes = raw_field(at.L, table, "bytes");
    lua_pop(at.L, 2);
    shape.constructed = value == LUA_TNIL && bytes == LUA_TNIL;
  }
  return shape;
}

/// Pushes header and contents.
void push_primitive(const Encoder& at, const Shape& shape, std::string_view content) {
  if (content.size() > longest) fail(at, "more than 16 MiB");
  spend_steps(at.L, content.size() / bytes_a_step);
  std::array<char, proto::longest_der_header> header{};
  const std::size_t size = proto::write_der_header(shape.tag_class, false, shape.tag, content.size(), header);
  luaL_Buffer buffer;
  luaL_buffinit(at.L, &buffer);
  luaL_addlstring(&buffer, header.data(), size);
  luaL_addlstring(&buffer, content.data(), content.size());
  luaL_pushresult(&buffer);
}

/// Where `value` is not there the contents are `bytes`, which have to be right for the type.
void push_raw(const Encoder& at, const Shape& shape, int table) {
  if (raw_field(at.L, table, "bytes") != LUA_TSTRING && shape.type != proto::tag::null)
    fail(at, "a primitive element needs a `value`, or `bytes` (a string)");
  lua_pop(at.L, 1);
  const std::string_view content = text_field(at, table, "bytes");
  const char* mistake = proto::content_mistake(shape.type, content, proto::Coding::der);
  if (mistake != nullptr) fail(at, "`bytes`: %s", mistake);
  push_primitive(at, shape, content);
}

void push_oid_element(const Encoder& at, const Shape& shape, std::string_view text) {
  spend_steps(at.L, text.size());
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(at.L, &buffer, text.size());
  const std::size_t size = proto::read_oid_text(text, shape.type == proto::tag::relative_oid, out);
  luaL_pushresultsize(&buffer, size);
  if (size == 0) fail(at, "`value` is to be an object identifier, \"1.3.6.1\"");
  push_primitive(at, shape, {lua_tostring(at.L, -1), size});
  lua_remove(at.L, -2);
}

void push_bit_string(const Encoder& at, const Shape& shape, int table, std::string_view bits) {
  constexpr lua_Integer most_unused = 7;
  const lua_Integer unused = integer_field(at, table, "unused", most_unused).value_or(0);
  if (bits.size() > longest) fail(at, "more than 16 MiB");
  luaL_Buffer buffer;
  luaL_buffinit(at.L, &buffer);
  luaL_addchar(&buffer, static_cast<char>(unused));
  luaL_addlstring(&buffer, bits.data(), bits.size());
  luaL_pushresult(&buffer);
  const std::string_view content{lua_tostring(at.L, -1), bits.size() + 1};
  const char* mistake = proto::content_mistake(shape.type, content, proto::Coding::der);
  if (mistake != nullptr) fail(at, "%s", mistake);
  push_primitive(at, shape, content);
  lua_remove(at.L, -2);
}

void push_primitive_element(const Encoder& at, const Shape& shape, int table) {
  if (lua_rawlen(at.L, table) != 0) fail(at, "a primitive element has no children");
  const int kind = raw_field(at.L, table, "value");
  const bool is_integer = lua_isinteger(at.L, -1) != 0;
  const lua_Integer number = lua_tointeger(at.L, -1);
  const bool flag = lua_toboolean(at.L, -1) != 0;
  const bool is_secret = secret_at(at.L, -1) != nullptr;
  lua_pop(at.L, 1);
  if (kind == LUA_TNIL) return push_raw(at, shape, table);
  switch (shape.type) {
    case proto::tag::boolean:
      if (kind != LUA_TBOOLEAN) fail(at, "`value` of a BOOLEAN is to be true or false");
      return push_primitive(at, shape, flag ? "\xff" : std::string_view("\0", 1));
    case proto::tag::integer:
    case proto::tag::enumerated: {
      if (!is_integer) fail(at, "`value` of an INTEGER is to be an integer");
      std::array<char, 8> out{};
      return push_primitive(at, shape, {out.data(), proto::write_integer(number, out)});
    }
    case proto::tag::null: fail(at, "a NULL has no `value`");
    default: break;
  }
  if (kind != LUA_TSTRING && !is_secret) fail(at, "`value` is to be a string");
  const std::string_view text = text_field(at, table, "value");
  if (shape.type == proto::tag::oid || shape.type == proto::tag::relative_oid) return push_oid_element(at, shape, text);
  if (shape.type == proto::tag::bit_string) return push_bit_string(at, shape, table, text);
  push_primitive(at, shape, text);
}

void push_value_of(Encoder& at, int index);

void push_constructed_element(Encoder& at, const Shape& shape, int table) {
  lua_State* L = at.L;
  if (at.depth == proto::deepest_der) fail(at, "nested deeper than 64 (or holds itself)");
  if (raw_field(L, table, "value") != LUA_TNIL || raw_field(L, table, "bytes") != LUA_TNIL)
    fail(at, "a constructed element has children, and neither `value` nor `bytes`");
  lua_pop(L, 2);
  const auto children = static_cast<lua_Integer>(lua_rawlen(L, table));
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  std::size_t size = 0;
  for (lua_Integer i = 1; i <= children; ++i) {
    lua_rawgeti(L, table, i);
    at.path[at.depth++] = i;
    push_value_of(at, lua_gettop(L));
    --at.depth;
    lua_remove(L, -2);
    size += lua_rawlen(L, -1);
    if (size > longest) fail(at, "more than 16 MiB");
    luaL_addvalue(&buffer);
  }
  luaL_pushresult(&buffer);
  spend_steps(L, size / bytes_a_step);
  std::array<char, proto::longest_der_header> header{};
  lua_pushlstring(L, header.data(), proto::write_der_header(shape.tag_class, true, shape.tag, size, header));
  lua_insert(L, -2);
  lua_concat(L, 2);
}

/// Pushes the bytes of one value.
void push_value_of(Encoder& at, int index) {
  lua_State* L = at.L;
  constexpr int slots = 16;
  luaL_checkstack(L, slots, "der.encode");
  if (++at.elements > proto::most_der_elements) fail(at, "more than 16384 elements");
  spend_steps(L, steps_an_element);
  Shape shape;
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      shape.tag = proto::tag::boolean;
      return push_primitive(at, shape, lua_toboolean(L, index) != 0 ? "\xff" : std::string_view("\0", 1));
    case LUA_TNUMBER: {
      if (lua_isinteger(L, index) == 0) fail(at, "a float cannot be encoded");
      shape.tag = proto::tag::integer;
      std::array<char, 8> out{};
      return push_primitive(at, shape, {out.data(), proto::write_integer(lua_tointeger(L, index), out)});
    }
    case LUA_TSTRING: {
      shape.tag = proto::tag::octet_string;
      std::size_t size = 0;
      const char* text = lua_tolstring(L, index, &size);
      return push_primitive(at, shape, {text, size});
    }
    case LUA_TTABLE:
      shape = read_shape(at, index);
      return shape.constructed ? push_constructed_element(at, shape, index) : push_primitive_element(at, shape, index);
    case LUA_TUSERDATA:
      if (const void* secret = secret_at(L, index)) {
        shape.tag = proto::tag::octet_string;
        return push_primitive(at, shape, at.take(secret));
      }
      [[fallthrough]];
    default: fail(at, "a %s cannot be encoded", luaL_typename(L, index));
  }
}

}  // namespace

std::string_view name_of_class(TagClass tag_class) noexcept { return class_names[static_cast<std::size_t>(tag_class)]; }

void push_der(lua_State* L, int index, Secrets& secrets, bool masked) {
  Encoder encoder{L, {}, 0, 0, secrets, masked};
  push_value_of(encoder, lua_absindex(L, index));
}

}  // namespace audit::lua
