#include "net/descriptor_set.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace audit::net {
namespace {

int make_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

int control(int set, int operation, int descriptor, std::uint32_t events, std::uint64_t tag) noexcept {
  epoll_event interest{};
  interest.events = events;
  interest.data.u64 = tag;
  return epoll_ctl(set, operation, descriptor, &interest) == 0 ? 0 : errno;
}

}  // namespace

DescriptorSet::DescriptorSet(asio::io_context& io, Seen seen) : set_(io, make_set()), seen_(std::move(seen)) {}

int DescriptorSet::add(int descriptor, std::uint32_t events, std::uint64_t tag) noexcept {
  return control(set_.native_handle(), EPOLL_CTL_ADD, descriptor, events, tag);
}

int DescriptorSet::change(int descriptor, std::uint32_t events, std::uint64_t tag) noexcept {
  return control(set_.native_handle(), EPOLL_CTL_MOD, descriptor, events, tag);
}

void DescriptorSet::remove(int descriptor) noexcept { control(set_.native_handle(), EPOLL_CTL_DEL, descriptor, 0, 0); }

void DescriptorSet::begin_wait() {
  ++waiting_;
  listen();
}

void DescriptorSet::end_wait() {
  if (--waiting_ > 0 || !listening_) return;
  listening_ = false;
  ++turn_;
  std::error_code ignored;
  set_.cancel(ignored);
}

void DescriptorSet::listen() {
  if (listening_) return;
  listening_ = true;
  set_.async_wait(asio::posix::stream_descriptor::wait_read, [this, turn = ++turn_](const std::error_code& failure) {
    if (failure || turn != turn_) return;
    listening_ = false;
    drain();
    if (waiting_ > 0) listen();
  });
}

void DescriptorSet::drain() {
  std::array<epoll_event, 512> events;
  const int count = epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    seen_(event.data.u64, event.events);
  }
}

}  // namespace audit::net
