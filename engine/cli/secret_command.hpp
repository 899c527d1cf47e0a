#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace audit::cli {

/// What a program says on standard output, run without a shell, with nothing on its standard input, in a process group of
/// its own that is killed when the time is over, and when the program has ended. What it says on standard error goes
/// nowhere: it could be the secret. Error missing_credential, in words that follow a credential's name: cannot be run,
/// ended with another status than 0, took too long, said nothing or too much.
[[nodiscard]] Result<std::string> run_secret_command(const std::vector<std::string>& command, Duration timeout,
                                                     const std::string& folder);

}  // namespace audit::cli
