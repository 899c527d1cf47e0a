#include "lua/operation.hpp"

#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

int resume_operation(lua_State* L, int /*status*/, lua_KContext /*unused*/) {
  Check& check = *check_of(L);
  Operation& operation = *check.finished;
  if (operation.outcome) return operation.push(L, check);
  const Error& error = operation.outcome.error();
  if (error.reason == Reason::rule_error) return luaL_error(L, "%s", error.message.c_str());
  push_probe_error(L, name_of(error.reason).data(), error.message);
  return lua_error(L);
}

}  // namespace

int await_operation(lua_State* L) {
  if (lua_isyieldable(L) == 0) {
    check_of(L)->operation.reset();
    return luaL_error(L,
                      "a probe cannot be asked from inside a callback (a sort order, a gsub function, a metamethod)");
  }
  return lua_yieldk(L, 0, 0, resume_operation);
}

}  // namespace audit::lua
