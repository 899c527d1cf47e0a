#pragma once

#include <CLI/CLI.hpp>

namespace audit::cli {

// The bench of who writes rules: each adds its command below `audit rules`.
void add_rules_check(CLI::App& rules, int& code);
void add_rules_frameworks(CLI::App& rules, int& code);
void add_rules_new(CLI::App& rules, int& code);
void add_rules_test(CLI::App& rules, int& code);

}  // namespace audit::cli
