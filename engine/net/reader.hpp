#pragma once

#include <string>

#include "net/stream.hpp"

namespace audit::net {

/// Reads a stream in the pieces that protocols come in, each with a cap; what arrived past a piece is kept for the next.
/// Lives beside its stream, on the same thread.
class Reader {
 public:
  explicit Reader(Stream& stream) : stream_(stream) {}

  /// 1 to `most` bytes. Errors: those of Stream::read_some.
  [[nodiscard]] awaitable<Result<std::string>> read_some(std::size_t most, Instant deadline);
  /// Exactly `count` bytes. Error eof where the stream ends before; what came is kept and readable by read_some.
  [[nodiscard]] awaitable<Result<std::string>> read_exactly(std::size_t count, Instant deadline);
  /// Up to and with the first `delimiter`. Errors: truncated where it does not come within `cap` bytes, eof.
  [[nodiscard]] awaitable<Result<std::string>> read_until(std::string delimiter, std::size_t cap, Instant deadline);
  /// One line without its CR LF or LF. Errors: truncated, eof.
  [[nodiscard]] awaitable<Result<std::string>> read_line(std::size_t cap, Instant deadline);
  /// What was received and not read yet.
  [[nodiscard]] const std::string& pending() const noexcept { return pending_; }

 private:
  /// Reads once, into room for about `wanted` bytes.
  [[nodiscard]] awaitable<Result<std::size_t>> fill(std::size_t wanted, Instant deadline);
  [[nodiscard]] std::string take(std::size_t count);

  Stream& stream_;
  std::string pending_;
};

}  // namespace audit::net
