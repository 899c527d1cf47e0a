#pragma once

#include <string>

namespace audit::cli {

/// Lists what all runs of a history sent to an address, the oldest first: sweeps, probes, and the rules that asked for
/// them. `at`: RFC 3339 in UTC, or "" for all times. Returns the exit code; 1 where nothing was sent.
int list_touched(const std::string& state, const std::string& address, const std::string& at, bool json);

}  // namespace audit::cli
