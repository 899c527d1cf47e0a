#pragma once

#include <CLI/CLI.hpp>

#include "cli/setup.hpp"

namespace audit::cli {

/// INVENTORY, --target, --allow-commands.
void add_inventory_options(CLI::App& command, Sources& sources);
/// INVENTORY, --target, --rules, --select, --limit, --seed, --allow-…: as `run` and `plan` both take them.
void add_source_options(CLI::App& command, Sources& sources);
/// --allow-commands: for every command that loads an inventory to send something.
void add_allow_commands(CLI::App& command, bool& allow);
/// --rules, repeatable.
void add_rules_option(CLI::App& command, std::vector<std::string>& rules);
/// PATH… and --rules, which name the same, as the commands of who writes rules take them.
void add_rule_paths(CLI::App& command, std::vector<std::string>& paths, std::vector<std::string>& rules);
/// --select.
void add_select_option(CLI::App& command, std::string& select);
/// A check of numbers that begin at 0: CLI11 reads -1 as the largest number there is.
[[nodiscard]] std::string not_negative(const std::string& text);
/// --json, an object a line.
void add_json_option(CLI::App& command, bool& json);
/// Exactly one of INVENTORY and --target; false (and a message) otherwise.
[[nodiscard]] bool check_sources(const CLI::App& command, const Sources& sources);

}  // namespace audit::cli
