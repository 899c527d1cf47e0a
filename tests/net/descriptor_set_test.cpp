#include "net/descriptor_set.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <asio/post.hpp>
#include <vector>

#include "peers.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

Plain counter() { return Plain(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void count_up(const Plain& counter) {
  const std::uint64_t one = 1;
  REQUIRE(write(counter.get(), &one, sizeof one) == sizeof one);
}

}  // namespace

TEST_CASE("more descriptors than one look tells of are all told, each by its tag") {
  asio::io_context io(1);
  constexpr std::size_t many = 800;  // a look tells of 512
  std::vector<Plain> counters;
  std::vector<int> told(many);
  std::size_t left = many;
  DescriptorSet set(io, [&](std::uint64_t tag, std::uint32_t events) {
    CHECK((events & EPOLLIN) != 0);
    ++told.at(tag);
    set.remove(counters[tag].get());
    if (--left == 0) set.end_wait();
  });
  for (std::size_t i = 0; i < many; ++i) {
    counters.push_back(counter());
    count_up(counters.back());
    REQUIRE(set.add(counters.back().get(), EPOLLIN, i) == 0);
  }
  set.begin_wait();
  io.run_for(20s);
  CHECK(io.stopped());
  CHECK(told == std::vector<int>(many, 1));
}

TEST_CASE("where nobody waits the io_context has nothing to do, and who waits anew is told") {
  asio::io_context io(1);
  const Plain one = counter();
  int told = 0;
  DescriptorSet set(io, [&](std::uint64_t, std::uint32_t) {
    ++told;
    set.end_wait();
  });
  REQUIRE(set.add(one.get(), EPOLLIN | EPOLLET, 1) == 0);
  set.begin_wait();
  asio::post(io, [&] { set.end_wait(); });
  io.run_for(20s);
  CHECK(io.stopped());
  CHECK(told == 0);
  count_up(one);
  set.begin_wait();
  io.restart();
  io.run_for(20s);
  CHECK(io.stopped());
  CHECK(told == 1);
}

TEST_CASE("what a descriptor is watched for can be changed, and what cannot be watched is said by its errno") {
  asio::io_context io(1);
  const Plain one = counter();
  std::uint32_t seen = 0;
  DescriptorSet set(io, [&](std::uint64_t, std::uint32_t events) {
    seen = events;
    set.end_wait();
  });
  REQUIRE(set.add(one.get(), EPOLLIN, 1) == 0);
  CHECK(set.add(one.get(), EPOLLIN, 1) == EEXIST);
  CHECK(set.change(one.get(), EPOLLOUT, 1) == 0);
  CHECK(set.change(-1, EPOLLOUT, 1) == EBADF);
  set.begin_wait();
  io.run_for(20s);
  CHECK(seen == EPOLLOUT);
}
