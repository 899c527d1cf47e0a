#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "base/left_out.hpp"
#include "lua/check.hpp"
#include "lua/collected.hpp"

namespace audit::lua {

/// A target that a run-scope rule collected something from.
struct CollectedTarget {
  std::uint64_t ordinal = 0;
  Subject subject;
  Value params;  // an object
  Collected collected;
};

/// A target of which not all was seen that the rule asked for.
struct MissingTarget {
  std::uint64_t ordinal = 0;
  std::string id;
  Error why;
};

/// All that a run-scope rule collected in a run: what its `check` judges. Read-only while that runs.
struct Collection {
  std::vector<CollectedTarget> targets;  // by ordinal
  std::vector<MissingTarget> missing;    // by ordinal; the first of them
  std::uint64_t asked = 0;               // targets that the rule was asked of, whatever came of it
  std::uint64_t absent = 0;              // of these, the ones with nothing to collect
  std::uint64_t missing_count = 0;       // of these, the ones that were not seen, or not wholly
  std::map<Reason, std::uint64_t> missing_by_reason;
  std::vector<LeftOut> left_out;  // parts of the inventory that the rule was not asked of

  [[nodiscard]] bool complete() const { return missing_count == 0 && left_out.empty(); }
};

/// Copies what `collect` returned off its coroutine, which has ended; ends the check where that cannot be kept.
void take_collected(lua_State* thread, Check& check) noexcept;

/// Makes the observations of a collection those that the running check's evidence may point at.
void adopt_collection(Check& check);
/// The target that observation `number` of the running check was collected from; "" outside of `check(run)`.
[[nodiscard]] std::string target_of_answer(const Check& check, std::size_t number);

/// Pushes the `run` of a run-scope check: counts, what is missing, and each(), which walks what was collected.
void push_run(lua_State* L);
[[nodiscard]] std::vector<std::string_view> run_field_names();
[[nodiscard]] std::vector<std::string_view> run_method_names();
[[nodiscard]] std::vector<std::string_view> collected_field_names();

}  // namespace audit::lua
