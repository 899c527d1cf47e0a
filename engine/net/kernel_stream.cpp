#include "net/kernel_stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "net/icmp_queue.hpp"
#include "net/socket_address.hpp"
#include "net/socket_wait.hpp"
#include "net/system_error.hpp"
#include "net/tls_pump.hpp"

namespace audit::net {
namespace {

class KernelStream final : public Stream, private Wire {
 public:
  KernelStream(StreamSocket socket, TlsClient& tls, const Endpoint& local, const Endpoint& remote, Place place,
               std::optional<Duration> connected_before = std::nullopt)
      : socket_(std::move(socket)), tls_client_(tls), place_(std::move(place)) {
    local_ = local;
    remote_ = remote;
    connected_before_ = connected_before;
  }
  ~KernelStream() override { close(); }

  awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) override {
    return tls_ ? tls_->read_some(buffer, deadline) : read_plain(buffer, deadline);
  }

  awaitable<Result<void>> write(std::string_view bytes, Instant deadline) override {
    return tls_ ? tls_->write(bytes, deadline) : send(bytes, deadline);
  }

  awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) override {
    if (tls_) co_return Error(Reason::tls_error, format_endpoint(remote_) + ": TLS was begun on this stream already");
    Result<std::unique_ptr<TlsEngine>> engine = TlsEngine::make(tls_client_, settings, remote_);
    if (!engine) co_return engine.error();
    Wire& wire = *this;
    tls_.emplace(wire, std::move(*engine), remote_);
    const Instant began = std::chrono::steady_clock::now();
    Result<TlsSession> session = co_await tls_->handshake(deadline);
    if (session) session->handshake_time = std::chrono::steady_clock::now() - began;
    co_return session;
  }

  void shutdown_send() override {
    if (!socket_.is_open()) return;
    say_farewell();
    shutdown(socket_.descriptor(), SHUT_WR);
  }

  void close() override {
    if (!socket_.is_open()) return;
    say_farewell();
    socket_.close();
    place_.release();
  }

  void abandon() override {
    if (socket_.is_open()) make_abrupt(socket_.descriptor());
    close();
  }

  bool still_open() override {
    const Pending pending = look();
    return pending == Pending::bytes || pending == Pending::nothing;
  }
  bool silent() override { return look() == Pending::nothing && !(tls_ && tls_->holds_bytes()); }

 private:
  enum class Pending : std::uint8_t { bytes, nothing, end };

  [[nodiscard]] Pending look() const {
    char byte = 0;
    if (!socket_.is_open()) return Pending::end;
    const ssize_t there = recv(socket_.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (there > 0) return Pending::bytes;
    return there < 0 && (errno == EAGAIN || errno == EINTR) ? Pending::nothing : Pending::end;
  }
  void say_farewell() {
    if (!tls_) return;
    const std::string bytes = tls_->farewell();
    if (!bytes.empty()) ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  awaitable<Result<std::size_t>> receive(std::span<char> buffer, Instant deadline) override {
    const Wake wake = co_await socket_.next_turn(deadline);
    if (wake != Wake::signalled) co_return wait_error(wake, remote_, "reading");
    nothing_read_since_ = true;  // TLS has read all that was there
    Result<std::size_t> got = co_await read_plain(buffer, deadline);
    co_return got;
  }

  awaitable<Result<std::size_t>> read_plain(std::span<char> buffer, Instant deadline) {
    // What was said a moment ago has no answer yet: to look for one before anything was told of costs a system call.
    if (std::exchange(nothing_read_since_, false) && socket_.is_open()) {
      const Wake wake = co_await socket_.until_readable(deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "reading");
    }
    while (true) {
      if (!socket_.is_open()) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
      const ssize_t got = socket_.receive(buffer);
      if (got > 0) co_return static_cast<std::size_t>(got);
      if (got == 0 && broken_) co_return *broken_;
      if (got == 0) co_return Error(Reason::eof, format_endpoint(remote_) + ": the peer closed the connection");
      if (errno != EAGAIN && errno != EINTR) co_return errno_error(errno, FaultSource::network, remote_);
      const Wake wake = co_await socket_.until_readable(deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "reading");
    }
  }

  awaitable<Result<void>> send(std::string_view bytes, Instant deadline) override {
    while (!bytes.empty()) {
      if (!socket_.is_open()) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
      const ssize_t sent = socket_.send(bytes);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        nothing_read_since_ = true;
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) {
        broken_ = errno_error(errno, FaultSource::network, remote_);
        co_return *broken_;
      }
      const Wake wake = co_await socket_.until_writable(deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "writing");
    }
    co_return Result<void>();
  }

  StreamSocket socket_;
  TlsClient& tls_client_;
  std::optional<TlsPump> tls_;
  /// The kernel tells of a reset once: where a write was told, the next read would see a close in good order.
  std::optional<Error> broken_;
  Place place_;
  bool nothing_read_since_ = false;  // bytes were sent
};

}  // namespace

awaitable<Result<std::unique_ptr<Stream>>> connect_kernel_stream(StreamSockets& sockets, TlsClient& tls, Endpoint to,
                                                                 Instant deadline, Place place) {
  const int family = to.address.family == Family::v4 ? AF_INET : AF_INET6;
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return errno_error(errno, FaultSource::here, to);
  const SocketAddress address = to_socket_address(to);
  const bool connected = ::connect(descriptor, address.get(), address.length) == 0;
  StreamSocket socket(sockets);
  int failure = connected || errno == EINPROGRESS ? 0 : errno;
  if (failure == 0)
    failure = socket.assign(descriptor, connected ? StreamSocket::Stage::connected : StreamSocket::Stage::connecting);
  if (failure != 0) {
    close(descriptor);
    co_return errno_error(failure, FaultSource::here, to);
  }
  if (!connected) {
    const Wake wake = co_await socket.until_writable(deadline);
    if (wake != Wake::signalled) co_return wait_error(wake, to, "connecting");
    int number = 0;
    socklen_t length = sizeof number;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) number = errno;
    if (number == ECONNREFUSED && refused_by_icmp(descriptor))
      co_return Error(
          Reason::unreachable,
          format_endpoint(to) + ": an ICMP port unreachable came in place of an answer: a firewall rejects it");
    if (number != 0) co_return errno_error(number, FaultSource::network, to);
  }
  const Endpoint local = local_end(descriptor, Transport::tcp);
  if (is_itself(local, to)) co_return errno_error(ECONNREFUSED, FaultSource::network, to);
  std::unique_ptr<Stream> stream = std::make_unique<KernelStream>(std::move(socket), tls, local, to, std::move(place));
  co_return stream;
}

std::unique_ptr<Stream> adopt_kernel_stream(StreamSockets& sockets, TlsClient& tls, int descriptor,
                                            const Endpoint& local, const Endpoint& to, Duration took, Place place) {
  StreamSocket socket(sockets);
  if (socket.assign(descriptor, StreamSocket::Stage::connected) != 0) return nullptr;
  return std::make_unique<KernelStream>(std::move(socket), tls, local, to, std::move(place), took);
}

}  // namespace audit::net
