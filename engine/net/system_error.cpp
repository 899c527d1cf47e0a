#include "net/system_error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace audit::net {

Reason reason_of_errno(int number, FaultSource source) noexcept {
  switch (number) {
    case ECONNREFUSED: return Reason::refused;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE: return Reason::reset;
    case ETIMEDOUT: return Reason::timeout;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case EPROTO:
    case ENONET:
    case EACCES:       // ICMPv6 administratively prohibited, policy, reject route
    case ENOPROTOOPT:  // ICMP protocol unreachable
    case EOPNOTSUPP:   // ICMP source route failed
    case EMSGSIZE: return source == FaultSource::network ? Reason::unreachable : Reason::local_fault;
    default: return Reason::local_fault;
  }
}

bool passing_fault(int number) noexcept {
  switch (number) {
    case EACCES:
    case EPERM:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EINVAL: return false;
    default: return true;
  }
}

std::string_view advice_for(int number) noexcept {
  switch (number) {
    case EMFILE: return "raise the limit of open files (ulimit -n)";
    case ENFILE: return "the whole system is out of open files (fs.file-max)";
    case EADDRNOTAVAIL: return "no free source port, or no source address for it; wait, or widen ip_local_port_range";
    case ENOBUFS:
    case ENOMEM: return "this machine is out of memory or socket buffers";
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN: return "this machine has no route to it; check `ip route get`";
    case EINVAL: return "a blackhole route or a bad zone on this machine; check `ip route get`";
    case EACCES:
    case EPERM: return "a firewall or route of this machine forbids it";
    case EAFNOSUPPORT: return "this machine does not speak that address family";
    default: return "";
  }
}

Error errno_error(int number, FaultSource source, const Endpoint& endpoint) {
  const Reason reason = reason_of_errno(number, source);
  std::string text = fmt::format("{}: {}", format_endpoint(endpoint), std::generic_category().message(number));
  if (const std::string_view advice = advice_for(number); reason == Reason::local_fault && !advice.empty())
    text += fmt::format(" ({})", advice);
  return {reason, std::move(text)};
}

}  // namespace audit::net
