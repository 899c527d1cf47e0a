#include "net/icmp_queue.hpp"

#include <fmt/format.h>
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "net/scratch.hpp"
#include "net/socket_address.hpp"
#include "proto/icmp_error.hpp"

namespace audit::net {
namespace {

/// The control message of the error, with the address of who sent it behind it (ip(7): SO_EE_OFFENDER).
std::optional<QueuedError> read_control(const cmsghdr& control) {
  const bool v4 = control.cmsg_level == IPPROTO_IP && control.cmsg_type == IP_RECVERR;
  const bool v6 = control.cmsg_level == IPPROTO_IPV6 && control.cmsg_type == IPV6_RECVERR;
  if ((!v4 && !v6) || control.cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) return std::nullopt;
  sock_extended_err error{};
  std::memcpy(&error, CMSG_DATA(&control), sizeof error);
  QueuedError queued;
  queued.number = static_cast<int>(error.ee_errno);
  if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) return queued;
  IcmpError icmp;
  icmp.type = error.ee_type;
  icmp.code = error.ee_code;
  SocketAddress offender;
  const std::size_t size = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (control.cmsg_len >= CMSG_LEN(sizeof error + size))
    std::memcpy(&offender.storage, CMSG_DATA(&control) + sizeof error, size);
  icmp.from = from_socket_address(offender, Transport::udp).address;
  if (icmp.from.family == Family::v6 && kind_of(icmp.from) != AddressKind::link_local) icmp.from.zone = 0;
  queued.icmp = icmp;
  return queued;
}

}  // namespace

std::string IcmpError::text() const {
  return fmt::format("ICMP {} from {}", proto::describe_icmp(from.family, type, code), format_address(from));
}

void keep_icmp_errors(int descriptor, Family family) noexcept {
  const int on = 1;
  if (family == Family::v4) {
    setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  } else {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  }
}

std::optional<QueuedError> take_queued_error(int descriptor) {
  while (true) {
    const std::span<char> scratch = datagram_scratch();
    alignas(cmsghdr) std::array<char, 512> control;
    iovec piece{scratch.data(), scratch.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (got < 0) return std::nullopt;
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
      std::optional<QueuedError> queued = read_control(*one);
      if (!queued) continue;
      queued->quoted = std::string_view(scratch.data(), static_cast<std::size_t>(got));
      return queued;
    }
  }
}

Error icmp_refusal(const IcmpError& icmp, const Endpoint& to, const IpAddress& here) {
  const bool port = proto::meaning_of_icmp(icmp.from.family, icmp.type, icmp.code) == proto::IcmpMeaning::port;
  const bool by_the_peer = canonical(icmp.from) == canonical(to.address);
  std::string text = fmt::format("{}: {}", format_endpoint(to), icmp.text());
  if (!by_the_peer && canonical(icmp.from) == canonical(here))
    text += " (this machine itself: nobody answers for that address on its link)";
  return {port && by_the_peer ? Reason::refused : Reason::unreachable, std::move(text)};
}

bool refused_by_icmp(int descriptor) noexcept {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  if (length < offsetof(tcp_info, tcpi_segs_in) + sizeof info.tcpi_segs_in) return false;
  return info.tcpi_segs_in == 0;
}

}  // namespace audit::net
