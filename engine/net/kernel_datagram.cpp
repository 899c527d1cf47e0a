#include "net/kernel_datagram.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/scratch.hpp"
#include "net/socket_address.hpp"
#include "net/socket_wait.hpp"
#include "net/system_error.hpp"
#include "proto/icmp_error.hpp"

namespace audit::net {
namespace {

class KernelDatagram final : public Datagram {
 public:
  KernelDatagram(Socket socket, DeadlineList& deadlines, const Endpoint& remote, Place place)
      : socket_(std::move(socket)), deadlines_(deadlines), place_(std::move(place)) {
    remote_ = remote;
    local_ = local_end(socket_.native_handle(), Transport::udp);
  }

  Result<void> send(std::string_view bytes) override { return do_answer(remote_, bytes); }

  /// The kernel chose the address that it sends from when it connected, and this socket goes on with it.
  Result<void> hear_other_ports() override {
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    Endpoint own = local_;
    own.port = 0;
    const SocketAddress address = to_socket_address(own);
    const int descriptor = socket_.native_handle();
    if (::connect(descriptor, &nowhere, sizeof nowhere) != 0 || ::bind(descriptor, address.get(), address.length) != 0)
      return errno_error(errno, FaultSource::here, remote_);
    connected_ = false;
    local_ = local_end(descriptor, Transport::udp);
    return {};
  }

  awaitable<Result<DatagramReply>> receive(Instant deadline) override {
    while (true) {  // a stranger's datagram is passed over with a wait, so that many of them do not hold the shard
      // What was sent a moment ago has no reply yet, and to look for one costs a system call.
      if (!std::exchange(nothing_read_since_, false)) {
        if (std::optional<DatagramReply> reply = read()) co_return *reply;
        const int number = errno;
        if (number == EINTR) continue;
        if (number != EAGAIN) {
          // An ICMP error waits, which keeps the reply behind it from being read.
          bool some = false;
          const std::optional<Error> told = take_error(some);
          if (std::optional<DatagramReply> reply = told ? read() : std::nullopt) co_return *reply;
          if (told) co_return *told;
          if (some || number == EMSGSIZE) continue;
          co_return errno_error(number, FaultSource::network, remote_);
        }
      }
      SocketWait wait(socket_, deadlines_);
      const Wake wake = co_await wait.until_ready(Socket::wait_read, deadline);
      if (wake != Wake::signalled) co_return wait_error(wake, remote_, "waiting for a reply");
    }
  }

 private:
  Result<void> do_answer(const Endpoint& to, std::string_view bytes) override {
    constexpr int tries = 3;  // an ICMP error that waits to be told keeps a datagram from being sent
    const bool known = connected_ && to == remote_;
    const SocketAddress address = known ? SocketAddress() : to_socket_address(to);
    int number = 0;
    for (int tried = 0; tried < tries; ++tried) {
      const ssize_t sent = sendto(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                                  known ? nullptr : address.get(), address.length);
      if (sent >= 0) {
        nothing_read_since_ = true;
        return {};
      }
      number = errno;
      bool some = false;
      if (const std::optional<Error> told = take_error(some)) return *told;
      if (!some) break;
    }
    return errno_error(number, number == ECONNREFUSED ? FaultSource::network : FaultSource::here, remote_);
  }

  /// The next reply; none, with errno, where there is none.
  std::optional<DatagramReply> read() {
    const std::span<char> scratch = datagram_scratch();
    SocketAddress address;
    address.length = sizeof address.storage;
    const ssize_t got =
        recvfrom(socket_.native_handle(), scratch.data(), scratch.size(), 0, address.get(), &address.length);
    if (got < 0) return std::nullopt;
    DatagramReply reply;
    reply.from = connected_ ? remote_ : from_socket_address(address, Transport::udp);
    if (canonical(reply.from.address) != canonical(remote_.address)) {
      errno = EAGAIN;
      return std::nullopt;
    }
    reply.bytes.assign(scratch.data(), static_cast<std::size_t>(got));
    return reply;
  }

  /// What an ICMP error that came since says of the peer; the ones that say nothing of it are passed over. `some`: there
  /// was one at all.
  std::optional<Error> take_error(bool& some) {
    while (std::optional<QueuedError> queued = take_queued_error(socket_.native_handle())) {
      some = true;
      if (!queued->icmp) return errno_error(queued->number, FaultSource::here, remote_);
      const IcmpError& icmp = *queued->icmp;
      if (proto::meaning_of_icmp(icmp.from.family, icmp.type, icmp.code) == proto::IcmpMeaning::too_big) continue;
      icmp_ = icmp;
      return icmp_refusal(icmp, remote_, local_.address);
    }
    return std::nullopt;
  }

  Socket socket_;
  DeadlineList& deadlines_;
  Place place_;
  bool connected_ = true;            // the kernel hears the peer's one port only
  bool nothing_read_since_ = false;  // a datagram was sent
};

/// Routers on the way may cut a large datagram into fragments: what cannot be asked whole is asked in pieces.
void allow_fragments(int descriptor, Family family) noexcept {
  if (family == Family::v6) return;  // the sender cuts, as the kernel has learnt from the first that was too big
  const int off = IP_PMTUDISC_DONT;
  setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &off, sizeof off);
}

}  // namespace

Result<std::unique_ptr<Datagram>> open_kernel_datagram(asio::io_context& io, DeadlineList& deadlines,
                                                       const Endpoint& to, Place place) {
  const int family = to.address.family == Family::v4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno_error(errno, FaultSource::here, to);
  Socket socket(io.get_executor());
  std::error_code failure;
  socket.assign(descriptor, failure);
  if (failure) {
    close(descriptor);
    return errno_error(failure.value(), FaultSource::here, to);
  }
  keep_icmp_errors(descriptor, to.address.family);
  allow_fragments(descriptor, to.address.family);
  const SocketAddress address = to_socket_address(to);
  if (::connect(descriptor, address.get(), address.length) != 0) return errno_error(errno, FaultSource::here, to);
  std::unique_ptr<Datagram> datagram =
      std::make_unique<KernelDatagram>(std::move(socket), deadlines, to, std::move(place));
  return datagram;
}

}  // namespace audit::net
