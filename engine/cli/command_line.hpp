#pragma once

#include <string>
#include <vector>

namespace audit::cli {

/// A command as one types it into a POSIX shell (XCU 2.2): words that it would take apart or expand stand in quotes.
[[nodiscard]] std::string command_line(const std::vector<std::string>& words);

}  // namespace audit::cli
