#include "net/stream_socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <utility>

namespace audit::net {
namespace {

constexpr std::uint32_t readable = EPOLLIN;
constexpr std::uint32_t writable = EPOLLOUT;
constexpr std::uint32_t to_read = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t to_read_and_write = to_read | EPOLLOUT;

}  // namespace

StreamSockets::StreamSockets(asio::io_context& io, DeadlineList& deadlines)
    : deadlines_(deadlines), set_(io, [this](std::uint64_t tag, std::uint32_t events) { seen(tag, events); }) {}

std::uint32_t StreamSockets::take_slot() {
  if (idle_.empty()) {
    slots_.emplace_back();
    idle_.reserve(slots_.capacity());  // to close needs no memory
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = idle_.back();
  idle_.pop_back();
  return slot;
}

void StreamSockets::seen(std::uint64_t tag, std::uint32_t events) {
  const Slot& slot = slots_[tag & 0xffff'ffffU];
  // A closed descriptor that a child process still has for a moment can go on to tell of its events.
  if (slot.socket != nullptr && slot.turn == tag >> 32U) slot.socket->seen(events);
}

StreamSocket::StreamSocket(StreamSocket&& other) noexcept
    : sockets_(other.sockets_), descriptor_(std::exchange(other.descriptor_, -1)), slot_(other.slot_),
      watched_(other.watched_), ready_(other.ready_) {
  if (is_open()) sockets_->slots_[slot_].socket = this;
}

std::uint64_t StreamSocket::tag() const noexcept { return std::uint64_t{sockets_->slots_[slot_].turn} << 32U | slot_; }

int StreamSocket::assign(int descriptor, Stage stage) {
  try {
    slot_ = sockets_->take_slot();
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  watched_ = stage == Stage::connecting ? to_read_and_write : to_read;
  ready_ = stage == Stage::connecting ? 0 : writable;
  if (const int failure = sockets_->set_.add(descriptor, watched_, tag()); failure != 0) {
    sockets_->idle_.push_back(slot_);
    return failure;
  }
  descriptor_ = descriptor;
  sockets_->slots_[slot_].socket = this;
  return 0;
}

ssize_t StreamSocket::receive(std::span<char> buffer) noexcept {
  const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) ready_ &= ~readable;
  return got;
}

ssize_t StreamSocket::send(std::string_view bytes) noexcept {
  const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) ready_ &= ~writable;
  return sent;
}

awaitable<Wake> StreamSocket::until_readable(Instant deadline) { return until(readable, deadline); }

awaitable<Wake> StreamSocket::until_writable(Instant deadline) {
  if (is_open() && watched_ == to_read && sockets_->set_.change(descriptor_, to_read_and_write, tag()) == 0)
    watched_ = to_read_and_write;
  return until(writable, deadline);
}

awaitable<Wake> StreamSocket::until(std::uint32_t what, Instant deadline) {
  if ((ready_ & what) != 0 || !is_open()) co_return Wake::signalled;
  if (const Wake ended = may_wait(deadline); ended != Wake::signalled) co_return ended;
  sockets_->set_.begin_wait();
  Waiter waiter(sockets_->deadlines_, what);
  waiter.next = std::exchange(waiters_, &waiter);
  try {
    const Wake how = co_await waiter.sleeper.sleep(deadline);
    if (how != Wake::signalled && leave(waiter)) sockets_->set_.end_wait();
    co_return how;
  } catch (...) {  // out of memory
    if (leave(waiter)) sockets_->set_.end_wait();
    throw;
  }
}

awaitable<Wake> StreamSocket::next_turn(Instant deadline) {
  if (const Wake ended = may_wait(deadline); ended != Wake::signalled) co_return ended;
  auto token = use_awaitable;
  if ((ready_ & readable) != 0) co_await asio::post(token);
  co_return Wake::signalled;
}

/// Here, not only by the clock's own wake: who has something to read at every turn would be woken first each time.
Wake StreamSocket::may_wait(Instant deadline) const {
  if (sockets_->deadlines_.stopped()) return Wake::stopped;
  return deadline <= std::chrono::steady_clock::now() ? Wake::deadline : Wake::signalled;
}

/// Was it still among those that wait?
bool StreamSocket::leave(const Waiter& waiter) noexcept {
  for (Waiter** at = &waiters_; *at != nullptr; at = &(*at)->next) {
    if (*at != &waiter) continue;
    *at = waiter.next;
    return true;
  }
  return false;
}

void StreamSocket::seen(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ready_ |= readable;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) ready_ |= writable;
  for (Waiter** at = &waiters_; *at != nullptr;) {
    Waiter& waiter = **at;
    if ((waiter.what & ready_) == 0) {
      at = &waiter.next;
      continue;
    }
    *at = waiter.next;
    sockets_->set_.end_wait();
    waiter.sleeper.wake(Wake::signalled);
  }
}

void StreamSocket::close() {
  if (!is_open()) return;
  ::close(std::exchange(descriptor_, -1));
  sockets_->slots_[slot_].socket = nullptr;
  ++sockets_->slots_[slot_].turn;
  sockets_->idle_.push_back(slot_);
  seen(EPOLLHUP);  // whoever waits sees that it is closed
}

}  // namespace audit::net
