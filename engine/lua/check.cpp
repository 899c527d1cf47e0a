#include "lua/check.hpp"

#include <fmt/format.h>

namespace audit::lua {
namespace {

/// Where the check stands, for the message that ends it.
std::string place(lua_State* L) {
  lua_Debug frame{};
  for (int level = 0; lua_getstack(L, level, &frame) == 1; ++level) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline > 0) return fmt::format("{}:{}: ", frame.short_src, frame.currentline);
  }
  return {};
}

void end_over_budget(lua_State* L, Check& check) noexcept {
  try {
    const std::string what =
        check.tag != nullptr && check.tag->used() > check.budget.memory
            ? fmt::format("more than {} MiB of memory", check.budget.memory >> 20U)
            : fmt::format("more than {} steps (an endless loop?)", check.budget.steps);
    check.ended = Error(Reason::over_budget, fmt::format("{}the check used {}", place(L), what));
  } catch (...) {
    check.ended = Error(Reason::over_budget, "");
  }
}

}  // namespace

void count_steps(lua_State* L, std::uint64_t steps) noexcept {
  Check* check = check_of(L);
  if (check == nullptr) return;
  check->steps += steps;
  if (check->steps > check->budget.steps) lua_sethook(L, look, LUA_MASKCOUNT, 1);
}

int leave(lua_State* L) {
  if (lua_isyieldable(L) != 0) return lua_yield(L, 0);
  // In a callback of a C function: the error unwinds to the next pcall, which leaves in its turn.
  lua_sethook(L, look, LUA_MASKCOUNT, 1);
  return luaL_error(L, "the check has ended");
}

void look(lua_State* L, lua_Debug* /*debug*/) {
  Check* check = check_of(L);
  if (check == nullptr) {  // a file that loops while its metadata is read
    luaL_error(L, "it runs for too long while it is loaded (an endless loop?)");
    return;
  }
  if (!check->ended && !check->closing) {
    check->steps += lua_gethookcount(L) == 1 ? 1 : steps_between_looks;
    const bool over = check->steps > check->budget.steps || (check->tag != nullptr && check->tag->used() > check->budget.memory);
    if (over) end_over_budget(L, *check);
  }
  if (check->ended || check->closing) {
    leave(L);
    return;
  }
  if (lua_gethookcount(L) != steps_between_looks) lua_sethook(L, look, LUA_MASKCOUNT, steps_between_looks);
  if (check->steps - check->steps_at_last_turn >= steps_before_others && lua_isyieldable(L) != 0) {
    check->steps_at_last_turn = check->steps;
    lua_yield(L, 0);
  }
}

}  // namespace audit::lua
