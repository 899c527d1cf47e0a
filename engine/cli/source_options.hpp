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
/// Exactly one of INVENTORY and --target; false (and a message) otherwise.
[[nodiscard]] bool check_sources(const CLI::App& command, const Sources& sources);

}  // namespace audit::cli
