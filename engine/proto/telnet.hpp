#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audit::proto {

/// What a Telnet server said, without its commands (RFC 854).
struct TelnetText {
  std::string text;                  // the bytes between the commands; hostile still
  std::vector<std::string> options;  // "DO TERMINAL-TYPE", "WILL ECHO", "SB NAWS", "AYT"; each once, in order of coming
  bool negotiated = false;           // a command came: the peer does speak Telnet
};

/// Never fails: a command that is cut at the end is left out.
[[nodiscard]] TelnetText read_telnet(std::string_view bytes);

}  // namespace audit::proto
