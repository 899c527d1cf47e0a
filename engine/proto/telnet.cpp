#include "proto/telnet.hpp"

#include <array>
#include <bitset>
#include <cstdint>

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::uint8_t se = 240;
constexpr std::uint8_t sb = 250;
constexpr std::uint8_t will = 251;
constexpr std::uint8_t iac = 255;

// RFC 854, from 240 on; RFC 1184 for 236-238.
constexpr std::array<std::string_view, 20> commands{"EOF", "SUSP", "ABORT", "EOR", "SE",   "NOP", "DM",
                                                    "BRK", "IP",   "AO",    "AYT", "EC",   "EL",  "GA",
                                                    "SB",  "WILL", "WONT",  "DO",  "DONT", "IAC"};
constexpr std::uint8_t first_command = 236;

// IANA's telnet options, 0-39.
constexpr std::array<std::string_view, 40> names{
    "BINARY",        "ECHO",           "RCP",        "SGA",         "NAMS",          "STATUS",
    "TIMING-MARK",   "RCTE",           "NAOL",       "NAOP",        "NAOCRD",        "NAOHTS",
    "NAOHTD",        "NAOFFD",         "NAOVTS",     "NAOVTD",      "NAOLFD",        "EXTEND-ASCII",
    "LOGOUT",        "BYTE-MACRO",     "DET",        "SUPDUP",      "SUPDUP-OUTPUT", "SEND-LOCATION",
    "TERMINAL-TYPE", "END-OF-RECORD",  "TACACS-UID", "OUTPUT-MARK", "TTYLOC",        "3270-REGIME",
    "X.3-PAD",       "NAWS",           "TSPEED",     "LFLOW",       "LINEMODE",      "XDISPLOC",
    "OLD-ENVIRON",   "AUTHENTICATION", "ENCRYPT",    "NEW-ENVIRON"};

std::string option_name(std::uint8_t option) {
  return option < names.size() ? std::string(names[option]) : std::to_string(option);
}

/// Collects commands, each once.
class Commands {
 public:
  explicit Commands(TelnetText& telnet) : telnet_(telnet) {}

  void plain(std::uint8_t command) {
    note(command, 0,
         command >= first_command ? std::string(commands[command - first_command]) : "IAC " + std::to_string(command));
  }
  void with_option(std::uint8_t command, std::uint8_t option) {
    note(command, option, std::string(commands[command - first_command]) + ' ' + option_name(option));
  }

 private:
  void note(std::uint8_t command, std::uint8_t option, std::string text) {
    telnet_.negotiated = true;
    const std::size_t bit = command * 256u + option;
    if (seen_.test(bit)) return;
    seen_.set(bit);
    telnet_.options.push_back(std::move(text));
  }

  TelnetText& telnet_;
  std::bitset<65536> seen_;
};

/// Where the subnegotiation that begins at `at` ends: behind its IAC SE; npos where it is cut.
std::size_t subnegotiation_end(std::string_view bytes, std::size_t at) {
  while (at + 1 < bytes.size()) {
    if (get8(bytes, at) != iac) {
      ++at;
      continue;
    }
    if (get8(bytes, at + 1) == se) return at + 2;
    at += 2;
  }
  return std::string_view::npos;
}

}  // namespace

TelnetText read_telnet(std::string_view bytes) {
  TelnetText telnet;
  Commands seen(telnet);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint8_t byte = get8(bytes, at);
    if (byte != iac) {
      // CR NUL is a carriage return (RFC 854, "NVT printer").
      if (byte != 0 || at == 0 || bytes[at - 1] != '\r') telnet.text += bytes[at];
      ++at;
      continue;
    }
    if (at + 1 >= bytes.size()) break;
    const std::uint8_t command = get8(bytes, at + 1);
    if (command == iac) {
      telnet.text += bytes[at];
      at += 2;
    } else if (command < sb) {
      seen.plain(command);
      at += 2;
    } else {
      if (at + 2 >= bytes.size()) break;
      const std::uint8_t option = get8(bytes, at + 2);
      const std::size_t end = command >= will ? at + 3 : subnegotiation_end(bytes, at + 3);
      if (end == std::string_view::npos) break;
      seen.with_option(command, option);
      at = end;
    }
  }
  return telnet;
}

}  // namespace audit::proto
