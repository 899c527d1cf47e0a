#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace audit::cli {

// Each adds its command to the program; the command's callback leaves its exit code in `code`.
/// `arguments` is what was typed behind the program's name, there by the time the program is parsed.
void add_run(CLI::App& program, const std::vector<std::string>& arguments, int& code);
void add_diff(CLI::App& program, int& code);
void add_history(CLI::App& program, int& code);
void add_report(CLI::App& program, int& code);
void add_inventory(CLI::App& program, int& code);
void add_plan(CLI::App& program, int& code);
void add_baseline(CLI::App& program, int& code);
void add_notify(CLI::App& program, int& code);
void add_probe(CLI::App& program, int& code);
void add_rules(CLI::App& program, int& code);
void add_schedule(CLI::App& program, int& code);
void add_watch(CLI::App& program, int& code);
void add_verify(CLI::App& program, int& code);
void add_shell(CLI::App& program, int& code);

}  // namespace audit::cli
