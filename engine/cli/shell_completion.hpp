#pragma once

#include <string>

#include "cli/shell_editor.hpp"
#include "lua/interactive.hpp"

namespace audit::cli {

/// What TAB offers at the end of `line`: globals, fields and methods of what is there, the modules of `require`, a probe's
/// options within its braces, and the shell's own commands.
[[nodiscard]] Completion complete_line(const std::string& line, lua::Interactive& language, const lua::RuleSet& rules);

}  // namespace audit::cli
