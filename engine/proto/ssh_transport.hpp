#pragma once

#include <string>
#include <string_view>

#include "proto/ssh_ident.hpp"
#include "proto/ssh_packet.hpp"

namespace audit::proto {

/// What a server says before encryption starts: its identification, then messages. IGNORE, DEBUG and UNIMPLEMENTED are
/// passed over, DISCONNECT is a failure that says why. Caps: those of its parts, 128 messages, 512 KiB in all.
class SshTransportReader {
 public:
  enum class Step { need_more, ident, message, failed };

  /// Keeps what was fed behind the event: it is read after `next`. Errors: protocol_error, eof.
  Step feed(std::string_view bytes);
  /// The peer closed.
  Step end();
  /// Goes on behind the event last given.
  Step next();

  [[nodiscard]] const SshIdentReader& ident_reader() const noexcept { return ident_; }
  [[nodiscard]] std::string_view payload() const noexcept { return packet_.payload(); }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step advance();
  Step look_at_message();
  Step fail(Error error);

  Step step_ = Step::need_more;
  SshIdentReader ident_;
  SshPacketReader packet_;
  std::string waiting_;
  std::size_t total_ = 0;
  std::size_t messages_ = 0;
  bool identified_ = false;
  Error error_;
};

}  // namespace audit::proto
