#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "inventory/source.hpp"

namespace audit::inventory {

/// Runs a program with these arguments, never through a shell, in this folder, and gives what it wrote to standard
/// output: where it ended with 0 in time, and wrote no more than `most` bytes. Its standard input is empty. What it
/// wrote to standard error is quoted where it failed. It and whatever it started are killed where the time is over.
[[nodiscard]] std::variant<std::string, Unreadable> output_of(const std::vector<std::string>& command,
                                                              const std::string& folder, Duration timeout,
                                                              std::size_t most);

}  // namespace audit::inventory
