#pragma once

#include <memory>
#include <string>

#include "lua/check.hpp"
#include "lua/collected.hpp"
#include "lua/on_cpu.hpp"

namespace audit::lua {

/// What a rule said of a target: one result, and all that was asked on the way.
struct Outcome {
  Finding finding;
  std::vector<ObservationPtr> record;
  std::uint32_t observations_dropped = 0;
};

/// What a rule collected of a target, or why it did not, and all that was asked on the way.
struct Gathered {
  std::optional<Error> error;
  Collected collected;
  std::vector<ObservationPtr> record;
};

/// A shard's Lua: one state, the rules compiled once, a coroutine a check. Lives on its shard's thread.
class Machine {
 public:
  /// Throws std::runtime_error where the state cannot be made (out of memory); rules were validated by load_rules.
  Machine(const RuleSet& rules, const Budget& budget);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Runs one rule's `check` to its end. Never fails: whatever goes wrong is the outcome.
  [[nodiscard]] awaitable<Outcome> run(std::size_t rule, const Subject& subject, const Value::Object& params,
                                       probe::Target& target, Instant deadline, std::optional<Endpoint> endpoint);

  /// Runs the `collect` of a run-scope rule on one target.
  [[nodiscard]] awaitable<Gathered> collect(std::size_t rule, const Subject& subject, const Value::Object& params,
                                            probe::Target& target, Instant deadline);
  /// Runs a run-scope rule's `check` over what was collected. `nowhere`: a target without hosts.
  [[nodiscard]] awaitable<Outcome> judge(std::size_t rule, const Collection& collection, probe::Target& nowhere);

  /// Runs one of a check's coroutines to its end, or the check's. False where it failed: the error is on its stack.
  [[nodiscard]] awaitable<bool> drive(Check& check, probe::Context& context, lua_State* thread, int arguments);
  /// Closes what a coroutine that will not go on has open. Where it is cut short, so is the Lua that this still runs.
  void put_away(Check& check, lua_State* thread, bool cut_short);

  /// Counts the lines that checks run from now on, or none where null; `lines` outlives them.
  void count_lines(LineCount* lines) noexcept { lines_ = lines; }

  [[nodiscard]] std::size_t memory() const noexcept { return memory_.total(); }
  /// From now on; called by the shard's thread.
  void supervise(const Supervision& supervision) noexcept { supervision_ = supervision; }

 private:
  friend class Interactive;  // runs what a person types in the same state
  struct Thread;
  class Turn;
  void compile();
  /// Runs the function of the rule that the check is about, in a coroutine of its own.
  [[nodiscard]] awaitable<void> execute(std::size_t rule, Check& check, probe::Context& context);
  [[nodiscard]] int resume(const Check& check, lua_State* thread, int given, int& results);
  /// Ends the check with the error on top of its coroutine's stack.
  void fail(Check& check, lua_State* thread);

  const RuleSet& rules_;
  Budget budget_;
  LineCount* lines_ = nullptr;
  Memory memory_;
  lua_State* state_;
  Supervision supervision_;
};

}  // namespace audit::lua
