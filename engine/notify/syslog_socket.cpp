#include "notify/syslog_socket.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>
#include <variant>
#include <vector>

namespace audit::notify {
namespace {

using Clock = std::chrono::steady_clock;

Error failed(const NotifyAddress& address, int number) {
  const Reason reason = number == ECONNREFUSED   ? Reason::refused
                        : number == ETIMEDOUT    ? Reason::timeout
                        : number == ECONNRESET   ? Reason::reset
                        : number == EHOSTUNREACH ? Reason::unreachable
                                                 : Reason::local_fault;
  return {reason, fmt::format("{}: {}", address.shown(), std::generic_category().message(number))};
}

class Socket {
 public:
  explicit Socket(int number) noexcept : number_(number) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

  /// Until it can be read or written; false where the time is over.
  [[nodiscard]] bool wait(short events, Clock::time_point end) const {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      if (left <= 0) return false;
      pollfd waiting{number_, events, 0};
      if (::poll(&waiting, 1, static_cast<int>(left)) > 0) return true;
    }
  }
  /// What went wrong behind our back; 0 for nothing.
  [[nodiscard]] int fault() const {
    int number = 0;
    socklen_t size = sizeof number;
    return ::getsockopt(number_, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
  }
  /// 0, or errno.
  [[nodiscard]] int connect(const sockaddr* to, socklen_t size, Clock::time_point end) const {
    if (::connect(number_, to, size) == 0) return 0;
    if (errno != EINPROGRESS && errno != EAGAIN) return errno;
    return wait(POLLOUT, end) ? fault() : ETIMEDOUT;
  }
  [[nodiscard]] int send(std::string_view bytes, Clock::time_point end) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) return errno;
      if (count < 0 && !wait(POLLOUT, end)) return ETIMEDOUT;
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
  }
  /// Says that this was all, and listens for what a receiver says that did not take it.
  [[nodiscard]] int finish(Clock::time_point end) const {
    ::shutdown(number_, SHUT_WR);
    char ignored = 0;
    while (wait(POLLIN, end)) {
      const ssize_t count = ::recv(number_, &ignored, 1, MSG_DONTWAIT);
      if (count == 0) return 0;
      if (count < 0 && errno != EAGAIN && errno != EINTR) return errno;
    }
    return 0;
  }

 private:
  int number_;
};

/// A lookup that may outlast its deadline: what the resolver's thread writes into has to stay, then.
struct Lookup {
  std::string host;
  std::string port;
  addrinfo hints{};
  gaicb request{};
};

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// The address that the text is, without asking anybody: the resolver's thread is one that ThreadSanitizer does not know,
/// and dies of. Null for a name.
Addresses numeric(const NotifyAddress& address, int kind) {
  addrinfo hints{};
  hints.ai_socktype = kind;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(address.host.c_str(), fmt::format("{}", address.port).c_str(), &hints, &found);
  return {code == 0 ? found : nullptr, ::freeaddrinfo};
}

Result<Addresses> resolve(const NotifyAddress& address, int kind, Clock::time_point end) {
  if (Addresses known = numeric(address, kind)) return known;
  auto lookup = std::make_unique<Lookup>();
  lookup->host = address.host;
  lookup->port = fmt::format("{}", address.port);
  lookup->hints.ai_socktype = kind;
  lookup->request.ar_name = lookup->host.c_str();
  lookup->request.ar_service = lookup->port.c_str();
  lookup->request.ar_request = &lookup->hints;
  gaicb* list = &lookup->request;
  int code = ::getaddrinfo_a(GAI_NOWAIT, &list, 1, nullptr);
  while (code == 0 && (code = ::gai_error(list)) == EAI_INPROGRESS) {
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(end - Clock::now()).count();
    if (left <= 0) {
      if (::gai_cancel(list) != EAI_CANCELED) (void)lookup.release();
      return Error(Reason::timeout, fmt::format("{}: its name could not be resolved in time", address.shown()));
    }
    const timespec pause{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    const gaicb* waiting = list;
    ::gai_suspend(&waiting, 1, &pause);
    code = 0;
  }
  if (code != 0)
    return Error(Reason::unresolved,
                 fmt::format("{}: its name does not resolve: {}", address.shown(), ::gai_strerror(code)));
  return Addresses(lookup->request.ar_result, ::freeaddrinfo);
}

Result<void> send_to_host(const NotifyAddress& address, const std::string& line, Clock::time_point end) {
  const bool stream = address.scheme == "tcp";
  const Result<Addresses> found = resolve(address, stream ? SOCK_STREAM : SOCK_DGRAM, end);
  if (!found) return found.error();
  int number = EHOSTUNREACH;
  for (const addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {
    const Socket socket(::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, one->ai_protocol));
    if (socket.number() < 0) return failed(address, errno);
    number = socket.connect(one->ai_addr, one->ai_addrlen, end);
    if (number != 0) continue;
    number = socket.send(stream ? fmt::format("{} {}", line.size(), line) : line, end);
    if (number == 0) number = stream ? socket.finish(end) : socket.fault();
    if (number == 0) return {};
  }
  return failed(address, number);
}

Result<void> send_to_local(const NotifyAddress& address, const std::string& line, Clock::time_point end) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.path.size() >= sizeof name.sun_path) return failed(address, ENAMETOOLONG);
  std::memcpy(name.sun_path, address.path.data(), address.path.size());
  int number = 0;
  for (const int kind : {SOCK_DGRAM, SOCK_STREAM}) {
    const Socket socket(::socket(AF_UNIX, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.number() < 0) return failed(address, errno);
    number = socket.connect(static_cast<const sockaddr*>(static_cast<const void*>(&name)), sizeof name, end);
    if (number == EPROTOTYPE) continue;  // it is a stream
    if (number == 0) number = socket.send(kind == SOCK_STREAM ? line + '\n' : line, end);
    break;
  }
  if (number != 0) return failed(address, number);
  return {};
}

}  // namespace

Result<void> send_to_syslog(const NotifyAddress& address, const std::string& line, Duration timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  return address.scheme == "unix" ? send_to_local(address, line, end) : send_to_host(address, line, end);
}

}  // namespace audit::notify
