#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

/// Cuts a TCP stream into DNS messages (RFC 1035 4.2.2: two bytes of length before each). Feeding on after a message
/// begins the next one. Holds at most one message: 65,535 bytes.
class DnsTcpReader {
 public:
  enum class Step { need_more, message, failed };

  /// Takes bytes up to the end of a message and no further; `taken` says how many those were.
  Step feed(std::string_view bytes);
  /// The peer closed: failed as eof, in mid-message or before any.
  Step end();

  /// How many of the bytes last fed belong to the message.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step fail(Reason reason, std::string text);

  Step step_ = Step::need_more;
  std::size_t prefix_seen_ = 0;
  std::size_t length_ = 0;
  std::size_t taken_ = 0;
  std::string message_;
  Error error_;
};

/// The message with its length before it. `message` is at most 65,535 bytes.
[[nodiscard]] std::string frame_dns_tcp(std::string_view message);

}  // namespace audit::proto
