#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lua/machine.hpp"

namespace audit::lua {

/// What came of one input.
struct Reply {
  std::vector<std::string> values;  // pretty, one a value
  std::optional<Error> error;       // rule_error with the place, or why a probe could not answer, or over_budget, …
  std::optional<Outcome> verdict;   // where it gave one: the finding, and what it rests on
};

/// The rule language as a person types it: globals live from input to input; budget, deadline and end are each input's
/// own, as a check's are. Lives on one thread, as its machine does.
class Interactive {
 public:
  using Print = std::function<void(const std::string& line)>;
  /// `print` hears what print(…) says, a line each time. `rules`: whose modules `require` finds; has to outlive this.
  Interactive(const RuleSet& rules, const Budget& budget, Print print);
  ~Interactive();
  Interactive(const Interactive&) = delete;
  Interactive& operator=(const Interactive&) = delete;

  /// Whom inputs ask from now on; streams of the one before are closed. Where `subject` has no id there is no `target`.
  /// `most`: what a rule would have to declare to ask as much.
  void aim(probe::Target& target, Subject subject, Safety most);
  /// May a value of the session still lead to this target? Then it has to stay.
  [[nodiscard]] bool refers_to(const probe::Target& target) const;

  enum class Parsed : std::uint8_t { whole, unfinished, wrong };
  /// Compiles an input, an expression first; `line`: where it begins in what messages call `name`.
  [[nodiscard]] Parsed parse(const std::string& text, const std::string& name, std::size_t line, std::string& problem);
  /// Runs the input that was parsed.
  [[nodiscard]] awaitable<Reply> run();
  [[nodiscard]] bool has_target() const;
  /// Bytes that Lua holds.
  [[nodiscard]] std::size_t memory() const noexcept { return machine_.memory(); }
  /// How many streams are open.
  [[nodiscard]] std::size_t open_streams() const;

  /// The names that may stand at the end of `path` ("", "string", "answer.headers"), as a value's fields or, after a
  /// colon, its methods.
  [[nodiscard]] std::vector<std::string> names_after(std::string_view path, bool methods);

 private:
  struct Visit;
  void begin(Instant deadline);
  void conclude(Reply& reply, lua_State* thread);
  static int prepare(lua_State* L);
  static int furnish(lua_State* L);
  static int print(lua_State* L);

  Machine machine_;
  Budget budget_;
  Print print_;
  Rule rule_;
  Value::Object params_;
  std::vector<std::unique_ptr<Visit>> visits_;  // the last is the one that is asked
};

}  // namespace audit::lua
