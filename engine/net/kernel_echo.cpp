#include "net/kernel_echo.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "net/echo_inbox.hpp"
#include "net/system_error.hpp"
#include "net/world.hpp"

namespace audit::net {
namespace {

class KernelEcho final : public EchoInbox, private EchoListener {
 public:
  KernelEcho(World& world, EchoSocket& socket, const IpAddress& to, std::string payload)
      : EchoInbox(world.deadlines()), world_(world), socket_(socket) {
    remote_ = to;
    payload_ = std::move(payload);
    method_ = socket.method();
  }
  ~KernelEcho() override {
    for (const Request& request : requests_) socket_.release(request.sequence);
  }
  KernelEcho(const KernelEcho&) = delete;
  KernelEcho& operator=(const KernelEcho&) = delete;

  Result<void> send() override {
    const std::optional<std::uint16_t> sequence = socket_.reserve(*this);
    if (!sequence) return Error(Reason::local_fault, format_address(remote_) + ": too many echoes are on their way");
    Request request;
    request.sequence = *sequence;
    request.sent = world_.now();
    requests_.push_back(request);
    const int number = socket_.send(remote_, *sequence, payload_);
    if (number == 0) return {};
    requests_.pop_back();
    socket_.release(*sequence);
    std::string text = fmt::format("{}: an echo could not be sent: {}", format_address(remote_),
                                   std::generic_category().message(number));
    if (const std::string_view advice = advice_for(number); !advice.empty()) text += fmt::format(" ({})", advice);
    return Error(Reason::local_fault, std::move(text));
  }

 private:
  struct Request {
    std::uint16_t sequence = 0;
    bool answered = false;
    Instant sent{};
  };

  void replied(std::uint16_t sequence, const IpAddress& from, std::string_view payload) override {
    IpAddress real = canonical(from);
    if (remote_.zone == 0) real.zone = 0;
    if (real != remote_ || payload != payload_) {
      ++foreign_;
      return;
    }
    finish(sequence, Reason::observed, {});
  }

  void refused(std::uint16_t sequence, const IcmpError& icmp) override {
    finish(sequence, Reason::unreachable, fmt::format("{}: {}", format_address(remote_), icmp.text()));
  }

  void finish(std::uint16_t sequence, Reason reason, std::string message) {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      Request& request = requests_[i];
      if (request.sequence != sequence) continue;
      if (request.answered) {
        if (reason == Reason::observed) ++duplicates_;
        return;
      }
      request.answered = true;
      EchoAnswer answer;
      answer.number = static_cast<std::uint32_t>(i);
      answer.took = world_.now() - request.sent;
      answer.reason = reason;
      answer.message = std::move(message);
      put(std::move(answer));
      return;
    }
  }

  World& world_;
  EchoSocket& socket_;
  std::vector<Request> requests_;
};

std::string random_payload(World& world, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  world.random(bytes);
  return {bytes.begin(), bytes.end()};
}

std::uint16_t random_number(World& world) {
  std::uint8_t bytes[2];
  world.random(bytes);
  return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

bool for_good(int number) {
  return number == EACCES || number == EPERM || number == EPROTONOSUPPORT || number == EAFNOSUPPORT;
}

}  // namespace

Result<std::unique_ptr<Echo>> KernelEchoes::open(const IpAddress& to, std::size_t size) {
  const auto at = static_cast<std::size_t>(to.family);
  if (!why_not_[at].empty()) return Error(Reason::local_fault, why_not_[at]);
  std::optional<EchoSocket>& socket = sockets_[at];
  if (!socket) {
    const std::uint16_t first = random_number(world_);
    const auto id = static_cast<std::uint16_t>(random_number(world_) | 1U);  // not 0, which would mean "any"
    socket.emplace(io_, to.family, first, id);
  }
  if (const int number = socket->open(); number != 0) {
    std::string text = fmt::format("no {} socket: {}", to.family == Family::v4 ? "ICMP" : "ICMPv6",
                                   std::generic_category().message(number));
    if (number == EACCES || number == EPERM)
      text += " (net.ipv4.ping_group_range leaves this user's groups out, and CAP_NET_RAW is not held)";
    if (for_good(number)) why_not_[at] = text;
    return Error(Reason::local_fault, std::move(text));
  }
  std::unique_ptr<Echo> echo = std::make_unique<KernelEcho>(world_, *socket, to, random_payload(world_, size));
  return echo;
}

}  // namespace audit::net
