#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// The line with which an SSH server names itself (RFC 4253 4.2), such as "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3".
struct SshIdent {
  std::string line;      // without its end
  std::string protocol;  // "2.0", "1.99", "1.5"
  std::string software;  // "OpenSSH_9.2p1"
  std::string comments;  // "Debian-2+deb12u3"
  bool ssh1 = false;     // offers SSH-1: 1.x, 1.99 included
  bool ssh2 = false;     // offers SSH-2: 2.0, 1.99 (RFC 4253 5.1)
};

/// Finds the identification among the lines that may come before it. Caps: 255 bytes for the identification with its
/// end, 8 KiB and 64 lines for all of it. A line may end in a bare LF, as old servers do.
class SshIdentReader {
 public:
  enum class Step { need_more, done, failed };

  /// Errors: protocol_error, with a text.
  Step feed(std::string_view bytes);
  /// The peer closed: fails as eof. A line without its end is not read: it may have been cut.
  Step end();

  /// How many of the bytes last fed belong to the identification and what came before it.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  /// What came before the identification, line by line, without their ends.
  [[nodiscard]] const std::vector<std::string>& lines_before() const noexcept { return lines_; }
  [[nodiscard]] const SshIdent& ident() const noexcept { return ident_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step line_ended();
  Step fail(Reason reason, std::string text);

  Step step_ = Step::need_more;
  std::string line_;
  std::vector<std::string> lines_;
  std::size_t total_ = 0;
  std::size_t taken_ = 0;
  SshIdent ident_;
  Error error_;
};

/// The identification in what a service said first; nothing where there is none, or only a part of one.
[[nodiscard]] std::optional<SshIdent> parse_ssh_ident(std::string_view banner_bytes);

}  // namespace audit::proto
