#include "net/echo_socket.hpp"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/scratch.hpp"
#include "net/socket_address.hpp"
#include "proto/icmp_echo.hpp"
#include "proto/icmp_error.hpp"

namespace audit::net {
namespace {

constexpr std::size_t most_requests = 32'768;  // half of the sequences, so that a free one is soon found
constexpr int buffer_bytes = 1 << 20;

int open_icmp(Family family, int type) {
  const bool v4 = family == Family::v4;
  const int protocol = v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  return socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/// A raw socket hears all ICMP of the machine, unless it says what it wants: echo replies.
void hear_replies_only(int descriptor, Family family) {
  if (family == Family::v4) {
    icmp_filter filter{};
    filter.data = ~(1U << ICMP_ECHOREPLY);
    setsockopt(descriptor, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    return;
  }
  icmp6_filter filter{};
  for (auto& word : filter.data) word = ~0U;
  filter.data[ICMPV6_ECHO_REPLY / 32] &= ~(1U << (ICMPV6_ECHO_REPLY % 32U));
  setsockopt(descriptor, IPPROTO_ICMPV6, ICMPV6_FILTER, &filter, sizeof filter);
}

Endpoint endpoint_of(const IpAddress& address) {
  Endpoint endpoint;
  endpoint.address = address;
  return endpoint;
}

}  // namespace

EchoSocket::EchoSocket(asio::io_context& io, Family family, std::uint16_t first_sequence, std::uint16_t wanted_id)
    : socket_(io), family_(family), id_(wanted_id), next_(first_sequence) {}

int EchoSocket::open() {
  if (socket_.is_open()) return 0;
  const int unprivileged = open_ping();
  if (unprivileged == 0) return 0;
  const bool passes = unprivileged != EACCES && unprivileged != EPERM && unprivileged != EPROTONOSUPPORT;
  if (passes) return unprivileged;
  return open_raw();
}

int EchoSocket::open_ping() {
  const int descriptor = open_icmp(family_, SOCK_DGRAM);
  if (descriptor < 0) return errno;
  Endpoint any;
  any.address.family = family_;
  any.port = id_;  // the id of its echoes; where another has it, one that the kernel chooses
  SocketAddress address = to_socket_address(any);
  if (bind(descriptor, address.get(), address.length) != 0) {
    any.port = 0;
    address = to_socket_address(any);
    if (bind(descriptor, address.get(), address.length) != 0) {
      const int number = errno;
      close(descriptor);
      return number;
    }
  }
  id_ = local_end(descriptor, Transport::udp).port;
  adopt(descriptor, EchoMethod::icmp);
  return 0;
}

int EchoSocket::open_raw() {
  const int descriptor = open_icmp(family_, SOCK_RAW);
  if (descriptor < 0) return errno;
  hear_replies_only(descriptor, family_);
  adopt(descriptor, EchoMethod::icmp_raw);
  return 0;
}

void EchoSocket::adopt(int descriptor, EchoMethod method) {
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  keep_icmp_errors(descriptor, family_);
  socket_.assign(descriptor);
  method_ = method;
}

std::optional<std::uint16_t> EchoSocket::reserve(EchoListener& listener) {
  if (requests_.size() >= most_requests) return std::nullopt;
  while (requests_.contains(next_)) ++next_;
  const std::uint16_t sequence = next_++;
  requests_.emplace(sequence, &listener);
  listen();
  return sequence;
}

void EchoSocket::release(std::uint16_t sequence) {
  requests_.erase(sequence);
  if (requests_.empty()) rest();
}

int EchoSocket::send(const IpAddress& to, std::uint16_t sequence, std::string_view payload) {
  const std::string bytes = proto::write_echo_request(family_, id_, sequence, payload);
  const SocketAddress address = to_socket_address(endpoint_of(to));
  int number = 0;
  for (int tried = 0; tried < 2; ++tried) {
    drain_errors();  // an error that an earlier echo met would be told to this one
    if (sendto(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL, address.get(), address.length) >= 0)
      return 0;
    number = errno;
  }
  return number;
}

void EchoSocket::listen() {
  if (listening_) return;
  listening_ = true;
  socket_.async_wait(asio::posix::stream_descriptor::wait_read, [this, turn = ++turn_](const std::error_code& failure) {
    if (failure) return;
    if (turn != turn_) return;
    listening_ = false;
    drain();
    if (!requests_.empty()) listen();
  });
}

void EchoSocket::rest() {
  if (!listening_) return;
  listening_ = false;
  ++turn_;
  std::error_code ignored;
  socket_.cancel(ignored);
}

void EchoSocket::drain() {
  drain_errors();
  constexpr int in_one_go = 1'024;  // then the rest of the shard has its turn
  for (int i = 0; i < in_one_go; ++i) {
    const std::span<char> scratch = datagram_scratch();
    SocketAddress from;
    from.length = sizeof from.storage;
    const ssize_t got = recvfrom(socket_.native_handle(), scratch.data(), scratch.size(), 0, from.get(), &from.length);
    if (got < 0) {
      if (errno == EAGAIN) return;
      drain_errors();
      continue;
    }
    hear(from_socket_address(from, Transport::udp).address, {scratch.data(), static_cast<std::size_t>(got)});
  }
}

void EchoSocket::drain_errors() {
  while (const std::optional<QueuedError> queued = take_queued_error(socket_.native_handle())) {
    if (!queued->icmp) continue;
    const IcmpError& icmp = *queued->icmp;
    if (proto::meaning_of_icmp(icmp.from.family, icmp.type, icmp.code) == proto::IcmpMeaning::too_big) continue;
    const auto request = proto::read_echo(family_, queued->quoted, proto::Checksum::trusted);
    if (!request || request->reply || request->id != id_) continue;
    const auto found = requests_.find(request->sequence);
    if (found != requests_.end()) found->second->refused(request->sequence, icmp);
  }
}

void EchoSocket::hear(const IpAddress& from, std::string_view bytes) {
  const bool raw_v4 = method_ == EchoMethod::icmp_raw && family_ == Family::v4;
  if (raw_v4) {
    const auto carried = proto::strip_ipv4_header(bytes);
    if (!carried) return;
    bytes = *carried;
  }
  const auto checksum = family_ == Family::v4 ? proto::Checksum::tested : proto::Checksum::trusted;
  const auto message = proto::read_echo(family_, bytes, checksum);
  if (!message || !message->reply || message->id != id_) return;
  const auto found = requests_.find(message->sequence);
  if (found != requests_.end()) found->second->replied(message->sequence, from, message->payload);
}

}  // namespace audit::net
