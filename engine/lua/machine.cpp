#include "lua/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "lua/collection.hpp"
#include "lua/lib_target.hpp"
#include "lua/modules.hpp"
#include "lua/sandbox.hpp"
#include "lua/verdict.hpp"

namespace audit::lua {
namespace {

// Where the state keeps what every check needs.
constexpr const char* chunks_key = "audit.chunks";  // by rule number, the compiled files
constexpr const char* body_key = "audit.body";      // what a coroutine runs
constexpr const char* environment_key = "audit.environment";

constexpr std::string_view body_source =
    "local chunk, env, name, subject, endpoint = ... return chunk(env)[name](subject, endpoint)";

/// rule { … } within a check: the metadata was validated at loading.
int take_rule(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  return 1;
}

/// Builds the state's fixtures; runs protected.
int furnish(lua_State* L) {
  const auto& rules = *static_cast<const RuleSet*>(lua_touserdata(L, 1));
  push_base_environment(L);
  lua_pushcfunction(L, take_rule);
  lua_setfield(L, -2, "rule");
  register_require(L, lua_gettop(L), rules);
  lua_createtable(L, 0, 2);  // the metatable of every check's environment, which hides the table from scripts
  lua_insert(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "environment");
  lua_setfield(L, -2, "__metatable");
  lua_setfield(L, LUA_REGISTRYINDEX, environment_key);
  if (luaL_loadbuffer(L, body_source.data(), body_source.size(), "=audit") != LUA_OK) return lua_error(L);
  lua_setfield(L, LUA_REGISTRYINDEX, body_key);
  lua_createtable(L, static_cast<int>(rules.rules.size()), 0);
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = *rules.rules[i];
    lua_pushfstring(L, "@%s", rule.path.c_str());
    const char* name = lua_tostring(L, -1);
    if (load_chunk(L, rule.source.data(), rule.source.size(), name) != LUA_OK) return lua_error(L);
    lua_rawseti(L, -3, static_cast<lua_Integer>(i + 1));
    lua_pop(L, 1);
  }
  lua_setfield(L, LUA_REGISTRYINDEX, chunks_key);
  return 0;
}

/// The traceback of a coroutine that failed, after its message; runs protected. Arguments: the thread.
int describe_failure(lua_State* L) {
  lua_State* thread = lua_tothread(L, 1);
  lua_pushvalue(thread, -1);
  lua_xmove(thread, L, 1);
  if (read_probe_error(L, -1)) return 2;  // kind, message
  lua_settop(L, 2);
  const char* text = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : nullptr;
  constexpr std::size_t longest = 2'048;
  if (text == nullptr) {
    text = lua_pushfstring(L, "an error that is not a text (a %s)", luaL_typename(L, 2));
  } else if (lua_rawlen(L, 2) > longest) {
    lua_pushlstring(L, text, longest);
    lua_pushliteral(L, "…");
    lua_concat(L, 2);
    text = lua_tostring(L, -1);
  }
  lua_pushnil(L);
  lua_pushlstring(L, text, lua_rawlen(L, -2));
  lua_pushliteral(L, "\n");
  luaL_traceback(L, thread, nullptr, 0);
  lua_concat(L, 3);
  return 2;  // nil, text with traceback
}

/// A check's coroutine in the making.
struct Start {
  std::size_t rule;
  Check* check;
  lua_State* thread = nullptr;
  int reference = LUA_NOREF;
};

/// Makes the coroutine and lays out what it is called with; runs protected.
int prepare(lua_State* L) {
  auto& start = *static_cast<Start*>(lua_touserdata(L, 1));
  lua_State* thread = lua_newthread(L);
  check_of(thread) = start.check;
  start.reference = luaL_ref(L, LUA_REGISTRYINDEX);
  start.thread = thread;
  lua_getfield(thread, LUA_REGISTRYINDEX, body_key);
  lua_getfield(thread, LUA_REGISTRYINDEX, chunks_key);
  lua_rawgeti(thread, -1, static_cast<lua_Integer>(start.rule + 1));
  lua_remove(thread, -2);
  lua_newtable(thread);
  lua_getfield(thread, LUA_REGISTRYINDEX, environment_key);
  lua_setmetatable(thread, -2);
  lua_pushstring(thread, start.check->collected != nullptr ? "collect" : "check");
  start.check->collection != nullptr ? push_run(thread) : push_target(thread);
  push_endpoint(thread);
  return 0;
}

}  // namespace

/// While a check's Lua runs: what it allocates is charged to it, and whoever supervises sees it.
class Machine::Turn {
 public:
  Turn(Machine& machine, const Check& check, lua_State* thread) : machine_(machine) {
    machine_.memory_.charge(check.tag, thread, check.budget.memory);
    if (OnCpu* seen = machine_.supervision_.on_cpu) seen->take_turn(check.rule.record.id, check.subject.id);
  }
  ~Turn() {
    if (OnCpu* seen = machine_.supervision_.on_cpu) seen->give_back();
    machine_.memory_.charge(nullptr, nullptr, 0);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Machine& machine_;
};

/// A check's coroutine, released whatever happens.
struct Machine::Thread {
  Machine& machine;
  Check& check;
  lua_State* thread = nullptr;
  int reference = LUA_NOREF;

  ~Thread() {
    if (thread == nullptr) return;
    machine.put_away(check, thread, true);
    luaL_unref(machine.state_, LUA_REGISTRYINDEX, reference);
    forget_modules(machine.state_, check);
  }
};

Machine::Machine(const RuleSet& rules, const Budget& budget)
    : rules_(rules), budget_(budget), state_(lua_newstate(Memory::allocate, &memory_)) {
  if (state_ == nullptr) throw std::runtime_error("out of memory: no Lua state could be made");
  check_of(state_) = nullptr;
  memory_.on_overdraft(look);
  compile();
}

Machine::~Machine() { lua_close(state_); }

void Machine::compile() {
  lua_pushcfunction(state_, furnish);
  lua_pushlightuserdata(state_, const_cast<RuleSet*>(&rules_));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (lua_pcall(state_, 1, 0, 0) == LUA_OK) return;
  const char* text = lua_tostring(state_, -1);
  const std::string message = text != nullptr ? text : "the rules could not be compiled";
  lua_close(state_);
  throw std::runtime_error(message);
}

void Machine::put_away(Check& check, lua_State* thread, bool cut_short) {
  const Turn turn(*this, check, thread);
  if (cut_short) {
    check.closing = true;
    lua_sethook(thread, look, hook_mask(thread), 1);
  }
  lua_resetthread(thread);
}

int Machine::resume(const Check& check, lua_State* thread, int given, int& results) {
  const Turn turn(*this, check, thread);
  return lua_resume(thread, nullptr, given, &results);
}

awaitable<bool> Machine::drive(Check& check, probe::Context& context, lua_State* thread, int arguments) {
  int given = arguments;
  if (supervision_.stuck != nullptr && supervision_.stuck->contains({check.rule.record.id, check.subject.id}))
    check.ended = Error(Reason::rule_stuck,
                        fmt::format("{}: the rule held a processor until its process was ended", check.subject.id));
  while (!check.ended) {
    int results = 0;
    const int status = resume(check, thread, given, results);
    check.finished.reset();
    given = 0;
    if (check.ended || status == LUA_OK) co_return true;
    if (status != LUA_YIELD) co_return false;
    lua_pop(thread, results);
    if (std::unique_ptr<Operation> operation = std::move(check.operation)) {
      co_await operation->run(check, context);
      if (check.ended) co_return true;
      Result<void>& outcome = operation->outcome;
      if (!outcome && outcome.error().reason != Reason::rule_error)  // as `probe::note_failure`
        outcome.error().message = from_visible(outcome.error().message);
      const bool deadline_passed = context.world().now() >= context.deadline();
      if (!outcome && (is_final(outcome.error().reason) || deadline_passed)) {
        check.ended = outcome.error();
      } else if (deadline_passed) {
        check.ended = Error(Reason::timeout,
                            fmt::format("{}: the check's {} s ran out", check.subject.id, seconds(check.budget.time)));
      }
      check.finished = std::move(operation);
    } else {
      auto token = use_awaitable;
      co_await asio::post(context.world().io().get_executor(), token);  // the others' turn
      if (!check.ended && context.world().stopped()) check.ended = Error(Reason::stopped, "the run was stopped");
    }
  }
  co_return true;
}

void Machine::fail(Check& check, lua_State* thread) {
  lua_pushcfunction(state_, describe_failure);
  lua_pushthread(thread);
  lua_xmove(thread, state_, 1);
  const bool told = lua_pcall(state_, 1, 2, 0) == LUA_OK;
  const char* kind = told ? lua_tostring(state_, -2) : nullptr;
  std::size_t size = 0;
  const char* text = lua_tolstring(state_, -1, &size);
  const auto reason = kind != nullptr ? parse_reason(kind) : std::nullopt;
  check.ended =
      Error(reason.value_or(Reason::rule_error), text != nullptr ? std::string(text, size) : "the rule failed");
  lua_pop(state_, told ? 2 : 1);
}

awaitable<void> Machine::execute(std::size_t rule, Check& check, probe::Context& context) {
  check.tag = Tag::create();
  check.lines = lines_;
  {
    Start start{rule, &check};
    memory_.charge(check.tag, nullptr, 0);
    lua_pushcfunction(state_, prepare);
    lua_pushlightuserdata(state_, &start);
    const bool prepared = lua_pcall(state_, 1, 0, 0) == LUA_OK;
    memory_.charge(nullptr, nullptr, 0);
    Thread thread{*this, check, start.thread, start.reference};
    if (prepared) {
      lua_sethook(thread.thread, look, LUA_MASKCOUNT | (lines_ != nullptr ? LUA_MASKLINE : 0), steps_between_looks);
      constexpr int arguments = 5;
      const bool done = co_await drive(check, context, thread.thread, arguments);
      if (!done) fail(check, thread.thread);
    } else {
      lua_pop(state_, 1);
      check.ended = Error(Reason::local_fault, "out of memory: the check could not be started");
    }
    if (!check.ended && lua_status(thread.thread) == LUA_OK)
      check.collected != nullptr ? take_collected(thread.thread, check) : settle_verdicts(check);
  }
  check.conversations.clear();
  check.tag->end();
}

awaitable<Outcome> Machine::run(std::size_t rule, const Subject& subject, const Value::Object& params,
                                probe::Target& target, Instant deadline, std::optional<Endpoint> endpoint) {
  probe::Context context(target, std::min(deadline, target.services().world.now() + budget_.time));
  Check check(*this, context, *rules_.rules[rule], subject, params, budget_);
  check.endpoint = endpoint;
  co_await execute(rule, check, context);
  Outcome outcome;
  outcome.finding = conclude_finding(check);
  outcome.record.assign(context.record().begin(), context.record().end());
  outcome.observations_dropped = context.dropped();
  co_return outcome;
}

awaitable<Gathered> Machine::collect(std::size_t rule, const Subject& subject, const Value::Object& params,
                                     probe::Target& target, Instant deadline) {
  probe::Context context(target, std::min(deadline, target.services().world.now() + budget_.time));
  Check check(*this, context, *rules_.rules[rule], subject, params, budget_);
  Gathered gathered;
  check.collected = &gathered.collected;
  co_await execute(rule, check, context);
  gathered.error = check.ended;
  gathered.record.assign(context.record().begin(), context.record().end());
  co_return gathered;
}

awaitable<Outcome> Machine::judge(std::size_t rule, const Collection& collection, probe::Target& nowhere) {
  probe::Context context(nowhere, nowhere.services().world.now() + budget_.time);
  Subject everything;
  everything.id = "*";
  const Value::Object none;
  Check check(*this, context, *rules_.rules[rule], everything, none, budget_);
  check.collection = &collection;
  adopt_collection(check);
  co_await execute(rule, check, context);
  Outcome outcome;
  outcome.finding = conclude_finding(check);
  co_return outcome;
}

}  // namespace audit::lua
