#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace audit::cli {

/// A line that says what of the command line is wrong, in which command, and what may have been meant.
[[nodiscard]] std::string usage_mistake(const CLI::App* program, const CLI::Error& error);

/// "; did you mean the command `history`?" where the word is near one of the program, else "".
[[nodiscard]] std::string command_meant(const CLI::App& program, const std::string& word);

}  // namespace audit::cli
