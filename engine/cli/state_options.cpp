#include "cli/state_options.hpp"

#include <cstdlib>
#include <iostream>

#include "cli/exit_code.hpp"

namespace audit::cli {

void add_state_option(CLI::App& command, std::string& state) {
  command
      .add_option("--state", state,
                  "Where runs are kept: history, --resume, locks; else [history] state, else $AUDIT_STATE")
      ->type_name("DIR");
}

std::string state_directory(const std::string& wanted, const inventory::Inventory* inventory) {
  if (!wanted.empty()) return wanted;
  if (inventory != nullptr && !inventory->history.state.empty()) return inventory->history.state;
  const char* usual = std::getenv("AUDIT_STATE");
  return usual == nullptr ? "" : usual;
}

bool need_state(const std::string& command, std::string& state) {
  state = state_directory(state);
  if (!state.empty()) return true;
  std::cerr << "audit " << command << ": name the directory that runs are kept in, with --state DIR or $AUDIT_STATE\n";
  return false;
}

int exit_code_of_reading(const Error& error) { return error.reason == Reason::unresolved ? exit_usage : exit_config; }

}  // namespace audit::cli
