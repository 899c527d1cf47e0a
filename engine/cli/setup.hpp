#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/plan.hpp"
#include "inventory/load.hpp"
#include "net/resolver.hpp"
#include "probe/services.hpp"

namespace audit::cli {

/// Where targets and rules come from, as `run` and `plan` both take it.
struct Sources {
  std::string inventory;             // a path, "-" for standard input, "" with targets
  std::vector<std::string> targets;  // --target
  std::string written = "--target";  // what mistakes of `targets` begin with
  std::vector<std::string> rules;    // --rules: paths, or +PATH beside the shipped ones
  std::string select;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> limit;  // --limit: which of the targets
  bool allow_empty = false;        // --limit and --select may match nothing
  bool allow_commands = false;     // commands that the inventory names may be run
};

// Each prints its mistakes on standard error, all that it finds, and sets the exit code `code` where it returns nothing:
// exit_usage for what stands on the command line, exit_config for what a file holds.

/// The folders and files that --rules names, else that of the shipped rules.
[[nodiscard]] std::optional<std::vector<std::string>> rule_paths_of(const std::vector<std::string>& wanted, int& code);
/// The ids of rules, the built-in ones among them.
[[nodiscard]] std::vector<std::string> ids_of(const lua::RuleSet& rules);
/// Loads the rules that --rules names, else the shipped ones, and the frameworks beside them.
[[nodiscard]] std::optional<lua::RuleSet> load_rules_of(const std::vector<std::string>& wanted, int& code);
/// What --select says; a word of it that means no rule is a mistake, unless `allow_empty`.
[[nodiscard]] std::optional<core::Selection> parse_selection(const std::string& select,
                                                             const std::vector<RuleRecord>& rules,
                                                             const Controls& controls, bool allow_empty, int& code);
[[nodiscard]] std::shared_ptr<inventory::Inventory> load_inventory(const Sources& sources, int& code,
                                                                   inventory::LoadOptions options = {});
/// Loads the rules and plans.
[[nodiscard]] std::unique_ptr<core::Plan> prepare_plan(const Sources& sources,
                                                       std::shared_ptr<inventory::Inventory> inventory, int& code);

/// The resolvers of a run: the inventory's, else the system's.
[[nodiscard]] net::ResolverConfig resolvers_of(const inventory::Inventory& inventory,
                                               const net::SystemNames& names = net::SystemNames::read());
/// `recorded`: the shapes of the secrets of a run that is replayed.
[[nodiscard]] probe::Identity identity_of(const inventory::Inventory& inventory, bool allow_commands,
                                          const std::map<std::string, std::string>* recorded = nullptr);

}  // namespace audit::cli
