#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lua/budget.hpp"
#include "lua/coverage.hpp"
#include "lua/lua.hpp"
#include "lua/memory.hpp"
#include "lua/rule.hpp"
#include "probe/conversation.hpp"
#include "probe/words.hpp"

namespace audit::lua {

/// What a rule may know of its target besides what it asks: plain data.
struct Subject {
  std::string id;
  std::string address;  // of the first host, "" where the name did not resolve
  std::vector<std::string> addresses;
  std::vector<std::string> names;
  std::vector<std::string> tags;
  std::vector<std::string> groups;
  std::string owner;
  std::string zone;               // "" where it is in none
  std::string criticality;        // "" where nobody said
  std::vector<std::string> urls;  // by which the inventory names it
};

/// A verdict, copied when the rule gave it.
struct Verdict {
  Status status = Status::informational;
  std::string message;
  std::vector<Evidence> evidence;
  std::optional<Severity> severity;
  std::string key;
};

struct Check;
struct Collected;
struct Collection;
class Machine;

/// Something a rule waits for. Made by a binding before it yields, run by the driver, read by the continuation.
class Operation {
 public:
  virtual ~Operation() = default;
  /// `context`: of the coroutine that asks.
  virtual awaitable<void> run(Check& check, probe::Context& context) = 0;
  /// Pushes the results; runs in Lua's protection, so it may raise and must keep nothing that needs a destructor.
  virtual int push(lua_State* L, Check& check) = 0;

  Result<void> outcome;
};

/// One check that is running in Lua: its coroutines, budget, record and verdicts. Lives in the driver's frame.
struct Check {
  Check(Machine& machine_in, probe::Context& context_in, const Rule& rule_in, const Subject& subject_in,
        const Value::Object& params_in, const Budget& budget_in)
      : machine(machine_in), context(context_in), rule(rule_in), subject(subject_in), params(params_in),
        budget(budget_in) {}

  Machine& machine;
  probe::Context& context;
  const Rule& rule;
  const Subject& subject;
  const Value::Object& params;
  const Budget& budget;

  Tag* tag = nullptr;
  std::uint64_t steps = 0;  // instructions, what C functions count, and a share of what is allocated
  std::uint64_t steps_at_last_turn = 0;
  std::optional<Error> ended;                             // over: no pcall brings it back
  bool closing = false;                                   // its coroutine is being put away
  std::unique_ptr<Operation> operation;                   // to be run by the driver
  std::unique_ptr<Operation> finished;                    // run, and to be read by the continuation
  std::string problem;                                    // the text of an error about to be raised
  std::string secret;                                     // a credential about to be handed over
  std::vector<std::unique_ptr<probe::Context>> contexts;  // of what ran in parallel
  std::vector<std::unique_ptr<probe::Conversation>> conversations;
  std::vector<std::shared_ptr<Observation>> answers;  // what probe tables refer to, by number
  std::optional<Verdict> verdict;                     // the first
  std::uint64_t verdicts = 0;                         // how many were given
  std::uint64_t draws = 0;                            // of random bytes
  LineCount* lines = nullptr;                         // counts those that run, or none
  std::uint32_t asked = 0;                            // questions to the network, answered or not
  std::optional<Endpoint> endpoint;
  Collected* collected = nullptr;          // where what `collect` returns goes; null where `check` runs
  const Collection* collection = nullptr;  // what a run-scope `check` judges
};

/// The check that a coroutine belongs to; null in a state that only reads metadata.
[[nodiscard]] inline Check*& check_of(lua_State* L) noexcept { return *static_cast<Check**>(lua_getextraspace(L)); }

/// What a file may use while its metadata is read, in a state without a check.
struct Loading {
  const Tag* tag;
  std::uint64_t most_steps;
  std::size_t most_memory;
  std::uint64_t steps = 0;
};

/// Tells a state without checks what bounds it; `loading` has to outlive the state's next call.
void set_loading(lua_State* L, Loading* loading);

/// Counts work that a C function did for the script; past the budget the check ends at the next instruction.
void count_steps(lua_State* L, std::uint64_t steps) noexcept;
/// Counts a walk over a table with lua_next, which passes the places of keys that are gone too.
void count_walk(lua_State* L) noexcept;
/// Counts work that a C function is about to do; past the budget it does not return.
void spend_steps(lua_State* L, std::uint64_t steps);
/// What the hook is called for: every so many instructions, and each line where lines are counted.
[[nodiscard]] inline int hook_mask(lua_State* L) noexcept {
  return LUA_MASKCOUNT | (lua_gethookmask(L) & LUA_MASKLINE);
}
/// The hook: counts instructions, ends what is over its budget, lets others have their turn.
void look(lua_State* L, lua_Debug* debug);
/// Raises out of a check that has ended; returns only as lua_yield does.
int leave(lua_State* L);

}  // namespace audit::lua
