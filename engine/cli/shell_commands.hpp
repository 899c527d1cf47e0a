#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/shell_session.hpp"

namespace audit::cli {

/// ":help", ":quit", …
[[nodiscard]] std::vector<std::string> shell_command_names();
/// Is it one of the shell's own lines, not Lua's?
[[nodiscard]] bool is_shell_command(const std::string& line);

enum class CommandEnd : std::uint8_t { done, failed, quit };
/// Runs one of them.
[[nodiscard]] CommandEnd run_shell_command(const std::string& line, ShellSession& session);

/// What came of an input: values on standard output, errors on standard error; false where it failed.
bool show_reply(const lua::Reply& reply, const ShellSession& session);

}  // namespace audit::cli
