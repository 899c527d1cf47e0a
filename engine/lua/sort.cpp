#include <algorithm>
#include <climits>
#include <cstring>
#include <string_view>

#include "lua/arguments.hpp"
#include "lua/meter.hpp"
#include "lua/sandbox.hpp"

// table.sort. Lua's own looks at the clock where a list is hard to part, so that equal elements stood otherwise in each
// run, and compares long texts for as long as they are. This one merges: as many comparisons whatever the order function
// says, each counted.

namespace audit::lua {
namespace {

// The stack of table.sort.
constexpr int list_at = 1;
constexpr int function_at = 2;  // or nil
constexpr int elements_at = 3;  // a copy of the list

using Place = std::uint32_t;  // of an element in the copy

struct Sorting {
  lua_State* L;
  Meter meter;
  bool has_function;

  bool is_less(Place a, Place b) {
    constexpr std::uint64_t steps_a_comparison = 2;
    meter.add(steps_a_comparison);
    return has_function ? calls_less(a, b) : is_less_itself(a, b);
  }

  bool calls_less(Place a, Place b) {
    lua_pushvalue(L, function_at);
    lua_rawgeti(L, elements_at, a);
    lua_rawgeti(L, elements_at, b);
    lua_call(L, 2, 1);
    const bool less = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return less;
  }

  bool is_less_itself(Place a, Place b) {
    const int type_a = lua_rawgeti(L, elements_at, a);
    const int type_b = lua_rawgeti(L, elements_at, b);
    const bool less =
        type_a == LUA_TSTRING && type_b == LUA_TSTRING ? is_text_less() : lua_compare(L, -2, -1, LUA_OPLT) != 0;
    lua_pop(L, 2);
    return less;
  }

  /// By bytes, as Lua's own in the C locale.
  bool is_text_less() {
    constexpr std::size_t bytes_a_step = 64;
    std::size_t size_a = 0;
    std::size_t size_b = 0;
    const char* a = lua_tolstring(L, -2, &size_a);
    const char* b = lua_tolstring(L, -1, &size_b);
    meter.add(std::min(size_a, size_b) / bytes_a_step);
    return std::string_view(a, size_a) < std::string_view(b, size_b);
  }

  /// Merges [begin, middle) and [middle, end), each in order, into `to`.
  void merge(const Place* from, Place* to, std::size_t begin, std::size_t middle, std::size_t end) {
    std::size_t left = begin;
    std::size_t right = middle;
    const bool in_order = middle == end || !is_less(from[middle], from[middle - 1]);
    for (std::size_t i = begin; i < end; ++i) {
      const bool takes_left = left < middle && (in_order || right == end || !is_less(from[right], from[left]));
      to[i] = takes_left ? from[left++] : from[right++];
    }
  }
};

int table_sort(lua_State* L) {
  luaL_checktype(L, list_at, LUA_TTABLE);
  const lua_Integer length = own_length(L);
  if (length < 2) return 0;
  luaL_argcheck(L, length < INT_MAX, list_at, "array too big");
  if (!lua_isnoneornil(L, function_at)) luaL_checktype(L, function_at, LUA_TFUNCTION);
  lua_settop(L, function_at);
  Sorting sorting{L, Meter(L), !lua_isnil(L, function_at)};
  const auto size = static_cast<std::size_t>(length);
  sorting.meter.add(size);
  lua_createtable(L, static_cast<int>(length), 0);
  for (lua_Integer i = 1; i <= length; ++i) {
    lua_geti(L, list_at, i);
    lua_rawseti(L, elements_at, i);
  }
  auto* from = static_cast<Place*>(lua_newuserdatauv(L, 2 * size * sizeof(Place), 0));
  Place* to = from + size;
  for (std::size_t i = 0; i < size; ++i) from[i] = static_cast<Place>(i + 1);
  for (std::size_t width = 1; width < size; width *= 2) {
    for (std::size_t begin = 0; begin < size; begin += 2 * width)
      sorting.merge(from, to, begin, std::min(begin + width, size), std::min(begin + 2 * width, size));
    std::swap(from, to);
  }
  for (std::size_t i = 0; i < size; ++i) {
    lua_rawgeti(L, elements_at, from[i]);
    lua_seti(L, list_at, static_cast<lua_Integer>(i) + 1);
  }
  sorting.meter.settle();
  return 0;
}

}  // namespace

void register_sort(lua_State* L, int environment) {
  lua_getfield(L, environment, "table");
  lua_pushcfunction(L, table_sort);
  lua_setfield(L, -2, "sort");
  lua_pop(L, 1);
}

}  // namespace audit::lua
