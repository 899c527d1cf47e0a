#include "lua/value.hpp"

#include <cmath>

#include "lua/check.hpp"
#include "lua/kept_table.hpp"
#include "lua/secret.hpp"

namespace audit::lua {
namespace {

constexpr int deepest = 16;
constexpr const char* not_plain = "holds something that is not plain data (a function, a stream, …)";

struct Copier {
  lua_State* L;
  std::size_t left;
  std::string& problem;
  const TakeSecret* take;

  bool refuse(const char* why) {
    problem = why;
    return false;
  }

  bool spend(std::size_t bytes) {
    if (bytes > left) return refuse("is too large");
    left -= bytes;
    return true;
  }

  bool copy(int index, Value& value, int depth) {
    switch (lua_type(L, index)) {
      case LUA_TNIL: value = Value(); return spend(1);
      case LUA_TBOOLEAN: value = lua_toboolean(L, index) != 0; return spend(1);
      case LUA_TNUMBER: return number(index, value);
      case LUA_TSTRING: {
        std::size_t length = 0;
        const char* text = lua_tolstring(L, index, &length);
        if (!spend(length + 8)) return false;
        value = std::string(text, length);
        return true;
      }
      case LUA_TTABLE: return table(index, value, depth);
      case LUA_TUSERDATA:
        if (secret_at(L, index) == nullptr) return refuse(not_plain);
        if (take == nullptr || depth != 1) return refuse("holds a credential where none is taken");
        (*take)(index, value);
        return spend(bytes_of(secret_at(L, index)).size() + 16);
      default: return refuse(not_plain);
    }
  }

  bool number(int index, Value& value) {
    if (lua_isinteger(L, index) != 0) {
      value = static_cast<std::int64_t>(lua_tointeger(L, index));
    } else {
      const double real = lua_tonumber(L, index);
      if (std::isfinite(real)) {
        value = real;
      } else {
        value = std::string(std::isnan(real) ? "nan" : real > 0 ? "inf" : "-inf");
      }
    }
    return spend(8);
  }

  bool table(int index, Value& value, int depth) {
    if (depth >= deepest) return refuse("is nested too deeply (or holds itself)");
    if (lua_checkstack(L, 4) == 0) return refuse("is nested too deeply");
    if (push_shown(L, index)) {
      const bool copied = table(-1, value, depth);
      lua_pop(L, 1);
      return copied;
    }
    if (!spend(16)) return false;
    index = lua_absindex(L, index);
    const std::size_t length = lua_rawlen(L, index);
    Value::Array array;
    for (std::size_t i = 1; i <= length; ++i) {
      lua_rawgeti(L, index, static_cast<lua_Integer>(i));
      const bool copied = copy(-1, array.emplace_back(), depth + 1);
      lua_pop(L, 1);
      if (!copied) return false;
    }
    Value::Object object;
    count_walk(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
      if (!member(length, object, depth)) {
        lua_pop(L, 2);
        return false;
      }
      lua_pop(L, 1);
    }
    if (object.empty()) {
      value = std::move(array);
      return true;
    }
    for (std::size_t i = 0; i < array.size(); ++i) object[std::to_string(i + 1)] = std::move(array[i]);
    value = std::move(object);
    return true;
  }

  bool member(std::size_t length, Value::Object& object, int depth) {
    if (lua_type(L, -2) == LUA_TLIGHTUSERDATA) return true;  // our own mark
    std::string key;
    if (lua_isinteger(L, -2) != 0) {
      const lua_Integer number = lua_tointeger(L, -2);
      if (number >= 1 && static_cast<std::size_t>(number) <= length) return true;
      key = std::to_string(number);
    } else if (lua_type(L, -2) == LUA_TSTRING) {
      std::size_t size = 0;
      const char* text = lua_tolstring(L, -2, &size);
      key.assign(text, size);
    } else {
      return refuse("has a key that is neither a string nor an integer");
    }
    if (!spend(key.size() + 16)) return false;
    return copy(-1, object[key], depth + 1);
  }
};

}  // namespace

bool to_value(lua_State* L, int index, Value& value, std::size_t most, std::string& problem,
              const TakeSecret* take) noexcept {
  try {
    Copier copier{L, most, problem, take};
    return copier.copy(index, value, 0);
  } catch (...) {
    return false;
  }
}

void push_value(lua_State* L, const Value& value) {
  luaL_checkstack(L, 4, "data is nested too deeply");
  if (const auto* flag = value.get_if<bool>()) {
    lua_pushboolean(L, *flag ? 1 : 0);
  } else if (const auto* integer = value.get_if<std::int64_t>()) {
    lua_pushinteger(L, *integer);
  } else if (const auto* real = value.get_if<double>()) {
    lua_pushnumber(L, *real);
  } else if (const auto* text = value.get_if<std::string>()) {
    lua_pushlstring(L, text->data(), text->size());
  } else if (const auto* array = value.get_if<Value::Array>()) {
    lua_createtable(L, static_cast<int>(array->size()), 0);
    for (std::size_t i = 0; i < array->size(); ++i) {
      push_value(L, (*array)[i]);
      lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
    }
  } else if (const auto* object = value.get_if<Value::Object>()) {
    lua_createtable(L, 0, static_cast<int>(object->size()));
    for (const auto& [key, member] : *object) {
      lua_pushlstring(L, key.data(), key.size());
      push_value(L, member);
      lua_rawset(L, -3);
    }
  } else {
    lua_pushnil(L);
  }
}

const void* observation_key() noexcept {
  static const char mark = 0;
  return &mark;
}

}  // namespace audit::lua
