#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/icmp_queue.hpp"
#include "net/tls.hpp"

namespace audit::net {

/// One TCP conversation. Every wait has a deadline; lives on its shard's thread; closes when destroyed.
class Stream {
 public:
  virtual ~Stream() = default;

  /// At least one byte. Errors: eof, reset, timeout, unreachable, stopped, local_fault.
  [[nodiscard]] virtual awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) = 0;
  /// All of it. Errors: reset, timeout, unreachable, stopped, local_fault.
  [[nodiscard]] virtual awaitable<Result<void>> write(std::string_view bytes, Instant deadline) = 0;
  /// One TLS handshake as the client; from then on what is read and written is the plain text within. A bad certificate is
  /// a finding of the session, not an error; after an error, and where the session is `unfinished`, only `close` is left.
  /// Errors: tls_error (what the peer's alert or OpenSSL says), timeout, reset, eof, unreachable, stopped, local_fault,
  /// rule_error (settings that cannot be).
  [[nodiscard]] virtual awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) = 0;
  /// No more will be sent; reading goes on (RFC 9293 3.6).
  virtual void shutdown_send() = 0;
  virtual void close() = 0;
  /// Closes a connection on which nothing was said, with a reset: nothing is lost, and no TIME_WAIT is left behind.
  virtual void abandon() { close(); }
  /// Has the peer neither ended nor reset it, as far as is known without waiting?
  [[nodiscard]] virtual bool still_open() { return true; }
  /// Is it open, and has nothing come that was not read, as far as is known without waiting?
  [[nodiscard]] virtual bool silent() { return true; }
  /// How long the handshake of TCP took, where it was over before this was asked for.
  [[nodiscard]] const std::optional<Duration>& connected_before() const noexcept { return connected_before_; }

  [[nodiscard]] const Endpoint& local() const noexcept { return local_; }
  [[nodiscard]] const Endpoint& remote() const noexcept { return remote_; }

 protected:
  Endpoint local_;
  Endpoint remote_;
  std::optional<Duration> connected_before_;
};

struct DatagramReply {
  std::string bytes;
  Endpoint from;
};

class Permit;

/// A UDP socket with one peer: it hears that peer and its ICMP errors, nobody else.
class Datagram {
 public:
  virtual ~Datagram() = default;

  /// Errors: refused, unreachable (what ICMP had said since), local_fault.
  [[nodiscard]] virtual Result<void> send(std::string_view bytes) = 0;
  /// Errors: refused (the peer's own ICMP port unreachable), unreachable (any other ICMP error; `icmp` has it), timeout,
  /// stopped, local_fault.
  [[nodiscard]] virtual awaitable<Result<DatagramReply>> receive(Instant deadline) = 0;
  /// Before the first `send`: the peer's other ports are heard too, from which some services answer (RFC 1350 section 4).
  /// Errors: local_fault.
  [[nodiscard]] virtual Result<void> hear_other_ports() = 0;
  /// Sends to the port of the peer that a reply came from. Errors: out_of_scope (another address, or a port that is never
  /// asked: nothing is sent), and those of `send`.
  [[nodiscard]] Result<void> answer(const Endpoint& to, const Permit& permit, std::string_view bytes);

  [[nodiscard]] const Endpoint& local() const noexcept { return local_; }
  [[nodiscard]] const Endpoint& remote() const noexcept { return remote_; }
  /// The last ICMP error that came.
  [[nodiscard]] const std::optional<IcmpError>& icmp() const noexcept { return icmp_; }

 protected:
  [[nodiscard]] virtual Result<void> do_answer(const Endpoint& to, std::string_view bytes) = 0;
  /// For a datagram around another, once the permit was tested.
  [[nodiscard]] static Result<void> pass_on(Datagram& datagram, const Endpoint& to, std::string_view bytes) {
    return datagram.do_answer(to, bytes);
  }

  Endpoint local_;
  Endpoint remote_;
  std::optional<IcmpError> icmp_;
};

}  // namespace audit::net
