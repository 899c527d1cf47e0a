#include "net/port_lanes.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "net/icmp_queue.hpp"
#include "net/socket_address.hpp"
#include "net/system_error.hpp"

namespace audit::net {
namespace {

int make_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

PortEvent event_of(int number, FaultSource source) {
  switch (reason_of_errno(number, source)) {
    case Reason::refused: return PortEvent::closed;
    case Reason::reset: return PortEvent::open;  // RFC 9293 3.10.7: before the SYN-ACK a RST is "connection refused"
    case Reason::timeout: return PortEvent::silent;
    case Reason::unreachable: return PortEvent::unreachable;
    default: return PortEvent::fault;
  }
}

}  // namespace

PortLanes::PortLanes(asio::io_context& io, DeadlineList& deadlines, std::uint32_t most, Adopt adopt)
    : deadlines_(deadlines), most_(most), adopt_(std::move(adopt)), set_(io, make_set()) {}

PortLanes::~PortLanes() {
  for (Lane& lane : lanes_) {
    deadlines_.remove(lane);
    if (lane.descriptor >= 0) close(lane.descriptor);
  }
}

void PortLanes::start(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                      KeptConnections* kept) {
  const int family = to.address.family == Family::v4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    sink.answered(token, {PortEvent::fault, {}, errno});
    return;
  }
  Lane& lane = take();
  lane.sink = &sink;
  lane.token = token;
  lane.kept = kept;
  lane.port = to.port;
  lane.descriptor = descriptor;
  lane.loopback = kind_of(to.address) == AddressKind::loopback;
  lane.started = std::chrono::steady_clock::now();
  const SocketAddress address = to_socket_address(to);
  if (connect(descriptor, address.get(), address.length) != 0 && errno != EINPROGRESS) {
    const int number = errno;
    finish(lane, event_of(number, FaultSource::here), number);
    return;
  }
  // Loopback answers within the call: asking at once saves a trip through epoll.
  if (lane.loopback && settle(lane)) return;
  epoll_event interest{};
  interest.events = EPOLLOUT | EPOLLERR | EPOLLHUP;
  interest.data.ptr = &lane;
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &interest) != 0) {
    const int number = errno;
    finish(lane, PortEvent::fault, number);
    return;
  }
  deadlines_.add(lane, deadline);
  listen();
}

PortLanes::Lane& PortLanes::take() {
  ++in_flight_;
  if (idle_.empty()) {
    Lane& lane = lanes_.emplace_back();
    lane.owner = this;
    return lane;
  }
  Lane& lane = *idle_.back();
  idle_.pop_back();
  return lane;
}

void PortLanes::listen() {
  if (listening_) return;
  listening_ = true;
  set_.async_wait(asio::posix::stream_descriptor::wait_read, [this, turn = ++turn_](const std::error_code& failure) {
    if (failure || turn != turn_) return;
    listening_ = false;
    drain();
    if (in_flight_ > 0) listen();
  });
}

void PortLanes::rest() {
  if (!listening_) return;
  listening_ = false;
  ++turn_;
  std::error_code ignored;
  set_.cancel(ignored);
}

void PortLanes::drain() {
  std::array<epoll_event, 512> events;
  const int count = epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    Lane& lane = *static_cast<Lane*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (lane.descriptor >= 0) settle(lane);
  }
}

bool PortLanes::settle(Lane& lane) {
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(lane.descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) number = errno;
  if (number != 0) {
    const bool rejected = number == ECONNREFUSED && refused_by_icmp(lane.descriptor);
    finish(lane, rejected ? PortEvent::unreachable : event_of(number, FaultSource::network), number);
    return true;
  }
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  if (getpeername(lane.descriptor, peer.get(), &peer.length) != 0) return false;
  const Endpoint remote = from_socket_address(peer, Transport::tcp);
  const Endpoint local = local_end(lane.descriptor, Transport::tcp);
  const bool open = !is_itself(local, remote);
  if (open && lane.kept != nullptr && lane.kept->wants(remote)) hand_over(lane, local, remote);
  if (lane.descriptor >= 0) make_abrupt(lane.descriptor);
  finish(lane, open ? PortEvent::open : PortEvent::closed, 0);
  return true;
}

void PortLanes::hand_over(Lane& lane, const Endpoint& local, const Endpoint& remote) {
  const Instant now = std::chrono::steady_clock::now();
  if (lane.waiting()) epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, lane.descriptor, nullptr);
  std::unique_ptr<Stream> stream = adopt_(lane.descriptor, local, remote, now - lane.started);
  if (!stream) return;
  lane.descriptor = -1;
  lane.kept->keep(remote, std::move(stream), now);
}

void PortLanes::finish(Lane& lane, PortEvent event, int fault_number) {
  PortAnswer answer;
  answer.event = event;
  answer.took = std::chrono::steady_clock::now() - lane.started;
  answer.fault_number = fault_number;
  deadlines_.remove(lane);
  if (lane.descriptor >= 0) close(lane.descriptor);
  lane.descriptor = -1;
  PortSink& sink = *lane.sink;
  idle_.push_back(&lane);
  if (--in_flight_ == 0) rest();
  sink.answered(lane.token, answer);
}

void PortLanes::Lane::expired(Expiry why) {
  owner->finish(*this, why == Expiry::stopped ? PortEvent::stopped : PortEvent::silent, 0);
}

}  // namespace audit::net
