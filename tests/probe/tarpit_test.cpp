#include "probe/tarpit.hpp"

#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// Sweeps these ports of a host whose other ports meet `other`, and looks for a tarpit.
std::vector<std::string> tarpits(PortEvent other, std::vector<std::uint16_t> open, std::vector<std::uint16_t> swept) {
  Probing probing;
  probing.world.host(ip("10.0.0.1"), other);
  for (const std::uint16_t port : open) probing.peer(port, {});
  std::vector<std::string> found;
  auto task = [&]() -> awaitable<void> {
    co_await probing.target.sweep(std::move(swept));
    found = co_await find_tarpits(probing.target);
  };
  play(probing.world, task);
  return found;
}

}  // namespace

TEST_CASE("a host that accepts on every port, the unlikely ones too, is said to be a tarpit") {
  const std::vector<std::string> found = tarpits(PortEvent::open, {}, {21, 22, 23, 80});
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("10.0.0.1 accepts on each of the 4 ports"));
}

TEST_CASE("a busy server is no tarpit, nor one that closes a single port") {
  CHECK(tarpits(PortEvent::closed, {21, 22, 23, 80}, {21, 22, 23, 80}).empty());
  CHECK(tarpits(PortEvent::silent, {21, 22, 23, 80}, {21, 22, 23, 80}).empty());
  CHECK(tarpits(PortEvent::closed, {21, 22, 80}, {21, 22, 23, 80}).empty());
}

TEST_CASE("three ports that are all open are asked further, two are too few to tell") {
  CHECK(tarpits(PortEvent::open, {}, {21, 22, 23}).size() == 1);
  CHECK(tarpits(PortEvent::open, {}, {21, 22}).empty());
  CHECK(tarpits(PortEvent::open, {}, {22}).empty());
}
