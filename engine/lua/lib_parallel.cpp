#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

#include "lua/machine.hpp"
#include "lua/operation.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

constexpr std::size_t most_branches = 64;   // of one call
constexpr std::size_t longest_name = 64;    // bytes
constexpr std::size_t most_contexts = 256;  // of a check, all its calls together

/// What the rule calls a branch: a number of the list, or a name. Without initial values: a call has room for as many as there
/// may be, and clearing what it does not use cost it a tenth of its time.
struct Key {
  lua_Integer number;  // 0: it has a name
  const char* name;
  std::size_t size;
};

bool comes_before(const Key& a, const Key& b) noexcept {
  if (a.number != b.number) return a.number != 0 && (b.number == 0 || a.number < b.number);
  const int order = a.number != 0 ? 0 : std::memcmp(a.name, b.name, std::min(a.size, b.size));
  return order != 0 ? order < 0 : a.size < b.size;
}

/// Runs functions of one check side by side, each as a coroutine with a record of its own; the check's record gets them one
/// after the other. The parent's stack keeps the coroutines: it does not go on before all of them have ended.
class ParallelOperation final : public Operation {
 public:
  void add(const Key& key, lua_State* thread) {
    Branch& branch = branches_.emplace_back();
    branch.number = key.number;
    if (key.number == 0) branch.name.assign(key.name, key.size);
    branch.thread = thread;
  }

  awaitable<void> run(Check& check, probe::Context& context) override {
    context.release();  // no branch waits for what nobody uses
    context.branches_begin();
    asio::io_context& io = context.world().io();
    net::Event all_ended(context.world().deadlines());
    std::size_t running = branches_.size();
    std::exception_ptr failure;
    for (Branch& branch : branches_) {
      branch.context = check.contexts.emplace_back(new probe::Context(context)).get();
      asio::co_spawn(io, follow(check, branch), [&](const std::exception_ptr& thrown) {
        if (thrown) failure = thrown;
        if (--running == 0) all_ended.happen();
      });
    }
    while (running > 0) co_await all_ended.wait(never);
    context.branches_ended();
    for (const Branch& branch : branches_) {
      if (!branch.failed && check.ended) check.machine.put_away(check, branch.thread, true);
      context.adopt(*branch.context);
    }
    if (failure) std::rethrow_exception(failure);
  }

  int push(lua_State* L, Check& /*check*/) override {
    lua_settop(L, 2);
    for (const Branch& branch : branches_) {
      if (!branch.failed) continue;
      lua_xmove(branch.thread, L, 1);
      return lua_error(L);
    }
    lua_createtable(L, static_cast<int>(branches_.size()), 0);
    for (const Branch& branch : branches_) {
      if (branch.number == 0) lua_pushlstring(L, branch.name.data(), branch.name.size());
      if (lua_gettop(branch.thread) == 0) lua_settop(branch.thread, 1);  // nil
      lua_xmove(branch.thread, L, 1);
      branch.number == 0 ? lua_rawset(L, 3) : lua_rawseti(L, 3, branch.number);
    }
    return 1;
  }

 private:
  struct Branch {
    lua_Integer number = 0;
    std::string name;
    lua_State* thread = nullptr;
    probe::Context* context = nullptr;
    bool failed = false;  // its error is on top of its stack
  };

  static awaitable<void> follow(Check& check, Branch& branch) {
    try {
      branch.failed = !co_await check.machine.drive(check, *branch.context, branch.thread, 0);
      // What it was to close is not for its other branches to wait for; the error stays on its stack.
      if (branch.failed) check.machine.put_away(check, branch.thread, check.ended.has_value());
    } catch (...) {
      branch.context->branch_ended();
      throw;
    }
    branch.context->branch_ended();
    if (!branch.failed && !check.ended) lua_settop(branch.thread, std::min(1, lua_gettop(branch.thread)));
  }

  std::vector<Branch> branches_;
};

bool start(Check& check, const std::array<Key, most_branches>& keys, std::size_t count,
           const std::array<lua_State*, most_branches>& threads) noexcept {
  try {
    auto operation = std::make_unique<ParallelOperation>();
    for (std::size_t i = 0; i < count; ++i) operation->add(keys[i], threads[i]);
    check.operation = std::move(operation);
    return true;
  } catch (...) {
    return false;
  }
}

/// The table's keys in their order; raises where it is not one of functions.
std::size_t read_keys(lua_State* L, std::array<Key, most_branches>& keys) {
  std::size_t count = 0;
  count_walk(L);
  for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
    if (count == most_branches) luaL_error(L, "parallel: at most %d functions run side by side", int{most_branches});
    if (lua_type(L, -1) != LUA_TFUNCTION)
      luaL_error(L, "parallel: a table of functions is expected, got a %s in it; write `function() return … end`",
                 luaL_typename(L, -1));
    Key& key = keys[count++];
    key = {0, nullptr, 0};
    if (lua_isinteger(L, -2) != 0 && lua_tointeger(L, -2) > 0 &&
        lua_tointeger(L, -2) <= static_cast<lua_Integer>(most_branches)) {
      key.number = lua_tointeger(L, -2);
    } else if (lua_type(L, -2) == LUA_TSTRING && lua_rawlen(L, -2) <= longest_name) {
      key.name = lua_tolstring(L, -2, &key.size);
    } else {
      luaL_error(L, "parallel: the functions stand in a list, or each has a name of at most %d bytes",
                 int{longest_name});
    }
  }
  std::sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(count), comes_before);
  return count;
}

int parallel(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  Check* check = check_of(L);
  if (check == nullptr) return luaL_error(L, "parallel: nothing can be asked while a rule is loaded");
  std::array<Key, most_branches> keys;
  std::array<lua_State*, most_branches> threads;
  const std::size_t count = read_keys(L, keys);
  if (check->contexts.size() + count > most_contexts)
    return luaL_error(L, "parallel: a check may start %d functions in all", int{most_contexts});
  count > 0 ? lua_createtable(L, static_cast<int>(count), 0) : lua_pushnil(L);  // keeps the coroutines
  for (std::size_t i = 0; i < count; ++i) {
    threads[i] = lua_newthread(L);
    check_of(threads[i]) = check;
    lua_sethook(threads[i], look, hook_mask(L), steps_between_looks);
    lua_rawseti(L, 2, static_cast<lua_Integer>(i + 1));
    if (keys[i].number != 0) {
      lua_rawgeti(L, 1, keys[i].number);
    } else {
      lua_pushlstring(L, keys[i].name, keys[i].size);
      lua_rawget(L, 1);
    }
    lua_xmove(L, threads[i], 1);
  }
  if (lua_isyieldable(L) != 0 && !start(*check, keys, count, threads)) return luaL_error(L, "parallel: out of memory");
  return await_operation(L);
}

}  // namespace

void register_parallel(lua_State* L, int environment) {
  lua_pushcfunction(L, parallel);
  lua_setfield(L, environment, "parallel");
}

}  // namespace audit::lua
