#include "lua/check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::lua {
namespace {

constexpr std::uint64_t bytes_a_step = 64;  // of memory that is allocated, kept or not

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
    const std::string what = check.tag != nullptr && check.tag->used() > check.budget.memory
                                 ? fmt::format("more than {} MiB of memory", check.budget.memory >> 20U)
                                 : fmt::format("more than {} steps (an endless loop?)", check.budget.steps);
    check.ended = Error(Reason::over_budget, fmt::format("{}the check used {}", place(L), what));
  } catch (...) {
    check.ended = Error(Reason::over_budget, "");
  }
}

const char loading_key = 0;

Loading* loading_of(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &loading_key);
  auto* loading = static_cast<Loading*>(lua_touserdata(L, -1));
  lua_pop(L, 1);
  return loading;
}

/// How many values stand behind `...` in the function that runs, about: one instruction passes on all of them.
std::uint64_t values_passed_on(lua_State* L) {
  constexpr int few = 64;
  lua_Debug frame{};
  if (lua_getstack(L, 0, &frame) == 0) return 0;
  int count = 0;
  for (int next = few; lua_getlocal(L, &frame, -next) != nullptr; next *= 2) {
    lua_pop(L, 1);
    count = next;
  }
  return static_cast<std::uint64_t>(count);
}

bool over(const Check& check) {
  return check.steps > check.budget.steps || (check.tag != nullptr && check.tag->used() > check.budget.memory);
}

bool over(const Loading& loading) {
  return loading.steps > loading.most_steps || loading.tag->used() > loading.most_memory;
}

/// Raises out of a file that is loaded; each pcall on the way is left at its next instruction.
int leave_loading(lua_State* L, const Loading& loading) {
  lua_sethook(L, look, hook_mask(L), 1);
  const char* text = loading.tag->used() > loading.most_memory
                         ? "it takes too much memory while it is loaded"
                         : "it runs for too long while it is loaded (an endless loop?)";
  lua_Debug frame{};
  for (int level = 0; lua_getstack(L, level, &frame) == 1; ++level) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline > 0) break;
  }
  lua_pushfstring(L, "%s:%d: %s", frame.short_src, frame.currentline, text);
  return lua_error(L);
}

/// The hook while a file is loaded.
void look_at_loading(lua_State* L) {
  Loading* loading = loading_of(L);
  if (loading == nullptr) return;
  loading->steps += lua_gethookcount(L) == 1 ? 1 : steps_between_looks;
  if (over(*loading)) {
    leave_loading(L, *loading);
  } else if (lua_gethookcount(L) != steps_between_looks) {
    lua_sethook(L, look, hook_mask(L), steps_between_looks);
  }
}

void count_line(lua_State* L, lua_Debug* debug, LineCount& lines) {
  lua_getinfo(L, "S", debug);
  const auto line = static_cast<std::size_t>(std::max(debug->currentline, 0));
  if (line < lines.times.size() && lines.chunk == debug->source) ++lines.times[line];
}

}  // namespace

void set_loading(lua_State* L, Loading* loading) {
  lua_pushlightuserdata(L, loading);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &loading_key);
}

void count_steps(lua_State* L, std::uint64_t steps) noexcept {
  if (Check* check = check_of(L)) {
    check->steps += steps;
    if (over(*check) || check->steps - check->steps_at_last_turn >= steps_before_others)
      lua_sethook(L, look, hook_mask(L), 1);
  } else if (Loading* loading = loading_of(L)) {
    loading->steps += steps;
    if (over(*loading)) lua_sethook(L, look, hook_mask(L), 1);
  }
}

void count_walk(lua_State* L) noexcept {
  constexpr std::size_t bytes_walked_a_step = 2'048;
  const Tag* tag = nullptr;
  if (const Check* check = check_of(L))
    tag = check->tag;
  else if (const Loading* loading = loading_of(L))
    tag = loading->tag;
  if (tag != nullptr) count_steps(L, tag->largest_block() / bytes_walked_a_step);
}

void spend_steps(lua_State* L, std::uint64_t steps) {
  constexpr std::uint64_t plenty = std::uint64_t{1} << 40U;  // no budget is as large, and the sum cannot overflow
  count_steps(L, std::min(steps, plenty));
  Check* check = check_of(L);
  if (check == nullptr) {
    const Loading* loading = loading_of(L);
    if (loading != nullptr && over(*loading)) leave_loading(L, *loading);
    return;
  }
  if (!over(*check)) return;
  if (!check->ended && !check->closing) end_over_budget(L, *check);
  leave(L);
}

int leave(lua_State* L) {
  if (lua_isyieldable(L) != 0) return lua_yield(L, 0);
  // In a callback of a C function: the error unwinds to the next pcall, which leaves in its turn.
  lua_sethook(L, look, hook_mask(L), 1);
  return luaL_error(L, "the check has ended");
}

void look(lua_State* L, lua_Debug* debug) {
  Check* check = check_of(L);
  if (debug != nullptr && debug->event == LUA_HOOKLINE) {
    if (check != nullptr && check->lines != nullptr) count_line(L, debug, *check->lines);
    return;
  }
  if (check == nullptr) {  // a file that loops while its metadata is read
    look_at_loading(L);
    return;
  }
  if (!check->ended && !check->closing) {
    constexpr std::uint64_t values_a_step = 16;
    const std::uint64_t instructions = lua_gethookcount(L) == 1 ? 1 : steps_between_looks;
    check->steps += instructions * (1 + values_passed_on(L) / values_a_step);
    if (check->tag != nullptr) check->steps += check->tag->take_allocated() / bytes_a_step;
    if (over(*check)) end_over_budget(L, *check);
  }
  if (check->ended || check->closing) {
    leave(L);
    return;
  }
  if (lua_gethookcount(L) != steps_between_looks) lua_sethook(L, look, hook_mask(L), steps_between_looks);
  if (check->steps - check->steps_at_last_turn >= steps_before_others && lua_isyieldable(L) != 0) {
    check->steps_at_last_turn = check->steps;
    lua_yield(L, 0);
  }
}

}  // namespace audit::lua
