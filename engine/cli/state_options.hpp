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

}  // namespace audit::cli
