#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"

namespace audit::lua {

/// A line-by-line peer for the libraries of scripts/: it says `says` once it has heard `hears` ("" for at once).
struct Turn {
  std::string hears;
  std::string says;
  bool tls = false;  // behind it TLS begins
};
using Talk = std::vector<Turn>;

/// A peer's steps; it says at most `split` bytes a read (0: all), and closes behind byte number `cut` of what it says.
[[nodiscard]] std::vector<net::ScriptStep> steps_of(const Talk& talk, std::size_t split = 0,
                                                    std::size_t cut = std::string::npos);
/// How many bytes a peer says.
[[nodiscard]] std::size_t size_of(const Talk& talk);
/// All of scripts/, by name.
[[nodiscard]] const std::map<std::string, std::string>& scripts();
/// What a body says, with all of scripts/ at hand; a failed check's reason and message otherwise.
[[nodiscard]] std::string says(const std::string& body, std::uint16_t port, std::vector<net::ScriptStep> steps);
/// Says the same whole and split at every byte; closed behind each byte but the last `spare` it ends as error eof; and
/// with any byte damaged it never is the rule's mistake. Gives what was said.
[[nodiscard]] std::string endure(const std::string& body, std::uint16_t port, const Talk& talk, std::size_t spare = 0);

}  // namespace audit::lua
