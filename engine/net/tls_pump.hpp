#pragma once

#include <array>
#include <memory>

#include "net/asio.hpp"
#include "net/tls_engine.hpp"

namespace audit::net {

/// What TLS goes over.
class Wire {
 public:
  virtual ~Wire() = default;
  /// As Stream::read_some and Stream::write, of bytes as they are on the wire. `receive` gives others of the shard a turn
  /// first: what a flood of bytes says may be nothing, and its deadline must come to pass.
  [[nodiscard]] virtual awaitable<Result<std::size_t>> receive(std::span<char> buffer, Instant deadline) = 0;
  [[nodiscard]] virtual awaitable<Result<void>> send(std::string_view bytes, Instant deadline) = 0;
};

/// Moves bytes between a TLS engine and its wire. Lives in its stream.
class TlsPump {
 public:
  TlsPump(Wire& wire, std::unique_ptr<TlsEngine> engine, const Endpoint& remote)
      : wire_(wire), engine_(std::move(engine)), remote_(remote) {}

  /// Errors: tls_error eof reset timeout unreachable stopped local_fault.
  [[nodiscard]] awaitable<Result<TlsSession>> handshake(Instant deadline);
  /// As Stream's; and tls_error.
  [[nodiscard]] awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline);
  [[nodiscard]] awaitable<Result<void>> write(std::string_view bytes, Instant deadline);
  /// Has more come than was read?
  [[nodiscard]] bool holds_bytes() const { return engine_->holds_bytes(); }
  /// The last bytes to send; "" where a record was left unfinished.
  [[nodiscard]] std::string farewell();

 private:
  [[nodiscard]] awaitable<Result<void>> flush(Instant deadline);
  /// One helping of bytes from the wire into the engine.
  [[nodiscard]] awaitable<Result<void>> fetch(Instant deadline, std::string_view doing);

  Wire& wire_;
  std::unique_ptr<TlsEngine> engine_;
  Endpoint remote_;
  bool broken_ = false;  // a record was sent in part
};

}  // namespace audit::net
