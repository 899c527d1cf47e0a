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
  KernelStream(Socket socket, DeadlineList& deadlines, TlsClient& tls, const Endpoint& local, const Endpoint& remote,
               Place place, std::optional<Duration> connected_before = std::nullopt)
      : socket_(std::move(socket)), deadlines_(deadlines), tls_client_(tls), place_(std::move(place)) {
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
    shutdown(socket_.native_handle(), SHUT_WR);
  }

  void close() override {
    if (!socket_.is_open()) return;
    say_farewell();
    std::error_code ignored;
    socket_.close(ignored);
    place_.release();
  }

  void abandon() override {
    if (socket_.is_open()) make_abrupt(socket_.native_handle());
    close();
  }

  bool still_open() override {
    char byte = 0;
    if (!socket_.is_open()) return false;
    const ssize_t there = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return there > 0 || (there < 0 && (errno == EAGAIN || errno == EINTR));
  }

 private:
  void say_farewell() {
    if (!tls_) return;
    const std::string bytes = tls_->farewell();
    if (!bytes.empty()) ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  awaitable<Result<std::size_t>> receive(std::span<char> buffer, Instant deadline) override {
    nothing_read_since_ = true;  // TLS has read all that was there
    Result<std::size_t> got = co_await read_plain(buffer, deadline);
    co_return got;
  }

  awaitable<Result<std::size_t>> read_plain(std::span<char> buffer, Instant deadline) {
    // What was said a moment ago has no answer yet, and to look for one costs a system call.
    if (std::exchange(nothing_read_since_, false) && socket_.is_open()) {
      SocketWait wait(socket_, deadlines_);
      const Wake wake = co_await wait.until_ready(Socket::wait_read, deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "reading");
    }
    while (true) {
      if (!socket_.is_open()) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
      const ssize_t got = recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
      if (got > 0) co_return static_cast<std::size_t>(got);
      if (got == 0 && broken_) co_return *broken_;
      if (got == 0) co_return Error(Reason::eof, format_endpoint(remote_) + ": the peer closed the connection");
      if (errno != EAGAIN && errno != EINTR) co_return errno_error(errno, FaultSource::network, remote_);
      SocketWait wait(socket_, deadlines_);
      const Wake wake = co_await wait.until_ready(Socket::wait_read, deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "reading");
    }
  }

  awaitable<Result<void>> send(std::string_view bytes, Instant deadline) override {
    while (!bytes.empty()) {
      if (!socket_.is_open()) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
      const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        nothing_read_since_ = true;
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) {
        broken_ = errno_error(errno, FaultSource::network, remote_);
        co_return *broken_;
      }
      SocketWait wait(socket_, deadlines_);
      const Wake wake = co_await wait.until_ready(Socket::wait_write, deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "writing");
    }
    co_return Result<void>();
  }

  Socket socket_;
  DeadlineList& deadlines_;
  TlsClient& tls_client_;
  std::optional<TlsPump> tls_;
  /// The kernel tells of a reset once: where a write was told, the next read would see a close in good order.
  std::optional<Error> broken_;
  Place place_;
  bool nothing_read_since_ = false;  // bytes were sent
};

/// Into `socket`; errno, or 0.
int open_socket(Socket& into, const Endpoint& to) {
  const int family = to.address.family == Family::v4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  std::error_code failure;
  into.assign(descriptor, failure);
  if (failure) close(descriptor);
  return failure.value();
}

}  // namespace

awaitable<Result<std::unique_ptr<Stream>>> connect_kernel_stream(asio::io_context& io, DeadlineList& deadlines,
                                                                 TlsClient& tls, Endpoint to, Instant deadline,
                                                                 Place place) {
  Socket socket(io.get_executor());
  if (const int failure = open_socket(socket, to); failure != 0) co_return errno_error(failure, FaultSource::here, to);
  const int descriptor = socket.native_handle();
  const SocketAddress address = to_socket_address(to);
  if (::connect(descriptor, address.get(), address.length) != 0) {
    if (errno != EINPROGRESS) co_return errno_error(errno, FaultSource::here, to);
    SocketWait wait(socket, deadlines);
    const Wake wake = co_await wait.until_ready(Socket::wait_write, deadline);
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
  std::unique_ptr<Stream> stream =
      std::make_unique<KernelStream>(std::move(socket), deadlines, tls, local, to, std::move(place));
  co_return stream;
}

std::unique_ptr<Stream> adopt_kernel_stream(asio::io_context& io, DeadlineList& deadlines, TlsClient& tls,
                                            int descriptor, const Endpoint& local, const Endpoint& to, Duration took,
                                            Place place) {
  Socket socket(io.get_executor());
  std::error_code failure;
  socket.assign(descriptor, failure);
  if (failure) return nullptr;
  return std::make_unique<KernelStream>(std::move(socket), deadlines, tls, local, to, std::move(place), took);
}

}  // namespace audit::net
