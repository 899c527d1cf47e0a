#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/name_guards.hpp"
#include "base/scrubber.hpp"
#include "cli/shell_target.hpp"
#include "lua/interactive.hpp"
#include "net/resolver.hpp"
#include "net/tracer.hpp"

namespace audit::cli {

/// A session of `audit shell` over the real network: whom it asks, and the language that asks. One thread; while an input
/// runs another one waits for signals.
class ShellSession {
 public:
  /// `inventory` may be null: then any host may be asked, as by `audit probe`.
  ShellSession(std::shared_ptr<const inventory::Inventory> inventory, const std::string& trace, bool allow_commands);
  ~ShellSession();

  /// Asks this one from now on. Errors: as find_shell_target and find_hosts.
  [[nodiscard]] Result<void> aim(const std::string& target);
  /// Forgets every value, and keeps the target.
  void reset();
  [[nodiscard]] lua::Interactive::Parsed parse(const std::string& text, const std::string& name, std::size_t line,
                                               std::string& problem) {
    return language_->parse(text, name, line, problem);
  }
  /// Runs the input that was parsed last; verdicts are judged as a run would.
  [[nodiscard]] lua::Reply run();

  /// "SIGINT" or "SIGTERM", where that ended the last input; else "".
  [[nodiscard]] const std::string& stopped_by() const noexcept { return stopped_by_; }
  /// The streams that the last interruption closed.
  [[nodiscard]] std::size_t closed_streams() const noexcept { return closed_streams_; }
  /// The target's id, "" where there is none.
  [[nodiscard]] const std::string& target_id() const noexcept { return subject_.id; }
  [[nodiscard]] lua::Interactive& language() noexcept { return *language_; }
  [[nodiscard]] const lua::RuleSet& rules() const noexcept { return rules_; }

 private:
  struct Network;
  void connect();
  void scrub(lua::Reply& reply) const;
  void drive(Network& network, awaitable<void> task);
  void learn_guards(Network& network);
  [[nodiscard]] Result<std::shared_ptr<const inventory::Settings>> guarded(const inventory::Entry& entry,
                                                                           std::vector<IpAddress>& hosts) const;

  std::shared_ptr<const inventory::Inventory> inventory_;
  std::shared_ptr<const inventory::Inventory> nobody_;
  lua::RuleSet rules_;
  net::ResolverConfig resolvers_;
  probe::Identity identity_;
  std::unique_ptr<const Scrubber> scrubber_;  // of what is shown
  std::unique_ptr<net::Tracer> tracer_;
  lua::Subject subject_;
  std::unique_ptr<const core::NameGuards> guards_;  // null until a first target is aimed at
  std::vector<IpAddress> hosts_;
  std::shared_ptr<const inventory::Settings> settings_;
  std::vector<std::unique_ptr<Network>> networks_;  // the last is asked; others are still referred to
  std::unique_ptr<lua::Interactive> language_;
  std::string stopped_by_;
  std::size_t closed_streams_ = 0;
};

}  // namespace audit::cli
