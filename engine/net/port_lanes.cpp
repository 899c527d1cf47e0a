#include "net/port_lanes.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/icmp_queue.hpp"
#include "net/socket_address.hpp"
#include "net/system_error.hpp"

namespace audit::net {
namespace {

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
    : deadlines_(deadlines), most_(most), adopt_(std::move(adopt)),
      set_(io, [this](std::uint64_t tag, std::uint32_t events) {
        Lane& lane = *reinterpret_cast<Lane*>(tag);
        if (lane.descriptor < 0) return;
        if ((events & (EPOLLERR | EPOLLHUP)) == 0 && settle_open(lane)) return;
        if (!settle_failed(lane)) settle_open(lane);
      }) {}

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
  if (lane.loopback && (settle_open(lane) || settle_failed(lane))) return;
  const auto tag = reinterpret_cast<std::uintptr_t>(&lane);
  if (const int number = set_.add(descriptor, EPOLLOUT, tag); number != 0) {
    finish(lane, PortEvent::fault, number);
    return;
  }
  deadlines_.add(lane, deadline);
  set_.begin_wait();
  lane.in_set = true;
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

/// An ICMP error that came behind the SYN-ACK does not undo it.
bool PortLanes::settle_open(Lane& lane) {
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

bool PortLanes::settle_failed(Lane& lane) {
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(lane.descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0) number = errno;
  if (number == 0) return false;
  const bool rejected = number == ECONNREFUSED && refused_by_icmp(lane.descriptor);
  finish(lane, rejected ? PortEvent::unreachable : event_of(number, FaultSource::network), number);
  return true;
}

void PortLanes::hand_over(Lane& lane, const Endpoint& local, const Endpoint& remote) {
  const Instant now = std::chrono::steady_clock::now();
  if (lane.in_set) set_.remove(lane.descriptor);
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
  --in_flight_;
  if (std::exchange(lane.in_set, false)) set_.end_wait();
  sink.answered(lane.token, answer);
}

void PortLanes::Lane::expired(Expiry why) {
  owner->finish(*this, why == Expiry::stopped ? PortEvent::stopped : PortEvent::silent, 0);
}

}  // namespace audit::net
