#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.hpp"
#include "inventory/inventory.hpp"

namespace audit::cli {

/// --state DIR, for every command that has to do with past runs.
void add_state_option(CLI::App& command, std::string& state);

/// Where the history is kept: --state, else the inventory's [history] state, else $AUDIT_STATE; "" where nowhere.
[[nodiscard]] std::string state_directory(const std::string& wanted, const inventory::Inventory* inventory = nullptr);
/// The same for commands that cannot do without; a message and false where there is none.
[[nodiscard]] bool need_state(const std::string& command, std::string& state);

/// 64 where the run or the history that the command line names is not there, 78 where it is and cannot be read.
[[nodiscard]] int exit_code_of_reading(const Error& error);

}  // namespace audit::cli
