#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

inline constexpr std::size_t ssh_packet_max = 35'000;  // RFC 4253 6.1: the whole packet, its length field included

/// Reads binary packets as they are before encryption starts (RFC 4253 6), one at a time. Holds at most one packet.
class SshPacketReader {
 public:
  enum class Step { need_more, packet, failed };

  /// Stops behind the first packet: what is left is fed again after `next`. Errors: protocol_error, eof.
  Step feed(std::string_view bytes);
  /// The peer closed.
  Step end();
  /// Forgets the packet that was read.
  void next();

  /// How many of the bytes last fed belong to this packet.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  /// At least one byte: the message number.
  [[nodiscard]] std::string_view payload() const noexcept { return payload_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step look_at_length();
  Step fail(Reason reason, std::string text);

  Step step_ = Step::need_more;
  std::string buffer_;
  std::size_t wanted_ = 0;  // the whole packet; 0 where its length is not known yet
  std::size_t taken_ = 0;
  std::string_view payload_;
  Error error_;
};

/// A packet with this payload. Its padding is zeros: nothing here is secret before keys are in use.
[[nodiscard]] std::string encode_ssh_packet(std::string_view payload);

}  // namespace audit::proto
