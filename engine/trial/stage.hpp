#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/plan.hpp"
#include "lua/machine.hpp"
#include "lua/test_file.hpp"
#include "net/recording.hpp"
#include "net/scripted_world.hpp"
#include "trial/case.hpp"

namespace audit::trial {

using Said = net::ScriptedWorld::Said;
/// Reads a transcript that `--record` wrote.
using LoadRecording = std::function<Result<std::unique_ptr<net::Recording>>(const std::string& path)>;

/// What a rule came to in one case.
struct Seen {
  Check check;
  std::vector<Said> said;
  Instant began{};
  std::string trouble;  // why there is no check: the test's own function failed, a transcript cannot be read
};

/// A rule on one target, or on several where it is about the whole run, planned as a run plans it; each case is swept,
/// judged by `absent` and by Lua as in a run, in a scripted world whose clock jumps. One thread.
class Stage {
 public:
  /// `rule` is one of `rules`, whose modules it may require.
  Stage(const lua::RuleSet& rules, std::shared_ptr<const lua::Rule> rule, std::vector<Subject> subjects);
  ~Stage();

  /// "" or why the rule cannot be planned for these targets.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
  /// Plays the case's peers; `functions` are those of its test, or null.
  [[nodiscard]] Seen play(const Case& scripted, lua::TestFile* functions);
  [[nodiscard]] Seen replay(net::Recording& recording);
  [[nodiscard]] lua::Machine& machine() { return *machine_; }

 private:
  void run(net::World& world, const net::ResolverConfig& resolver, Seen& seen);
  [[nodiscard]] awaitable<Check> audit_all(net::World& world, probe::Services& services);

  std::vector<Subject> subjects_;
  probe::Identity identity_;
  net::Rate rate_{1e6};
  std::unique_ptr<core::Plan> plan_;
  std::unique_ptr<lua::Machine> machine_;
  std::string trouble_;
};

}  // namespace audit::trial
