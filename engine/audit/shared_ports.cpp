#include "audit/shared_ports.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "net/shard_waiter.hpp"

namespace audit::core {

struct SharedPorts::Waiter final : net::ShardWaiter {
  using ShardWaiter::ShardWaiter;
  bool granted = false;  // under the mutex
};

awaitable<std::unique_ptr<SharedPorts::Turn>> SharedPorts::take(net::World& world, Key key, std::string name) {
  Address* address = nullptr;
  std::shared_ptr<Waiter> waiter;
  {
    const std::lock_guard lock(mutex_);
    address = &addresses_[key];
    address->names.push_back(std::move(name));
    if (address->taken) {
      waiter = std::make_shared<Waiter>(world);
      address->queue.push_back(waiter);
    }
    address->taken = true;
  }
  if (waiter) {
    const net::Wake wake = co_await waiter->wait(never);
    const std::lock_guard lock(mutex_);
    if (wake != net::Wake::signalled && !waiter->granted) {
      std::erase(address->queue, waiter);
      co_return nullptr;
    }
  }
  const std::lock_guard lock(mutex_);
  co_return std::make_unique<Turn>(*this, *address);
}

void SharedPorts::pass_on(Address& address) {
  const std::lock_guard lock(mutex_);
  if (address.queue.empty()) {
    address.taken = false;
    return;
  }
  const std::shared_ptr<Waiter> next = std::move(address.queue.front());
  address.queue.pop_front();
  next->granted = true;
  next->wake();
}

SharedPorts::Turn::~Turn() {
  if (owner_ != nullptr) owner_->pass_on(*address_);
}

void SharedPorts::Turn::publish(const probe::HostPorts& found, std::string life, WallTime time) {
  std::map<std::uint16_t, probe::PortState> states;
  const auto add = [&](const probe::HostPorts& from) {
    for (std::size_t i = 0; i < from.ports.size(); ++i) {
      const Reason state = from.states[i].state;
      if (state == Reason::open || state == Reason::closed || state == Reason::filtered)
        states[from.ports[i]] = from.states[i];
    }
  };
  if (known_.ports) add(*known_.ports);
  add(found);
  auto all = std::make_shared<probe::HostPorts>();
  for (const auto& [port, state] : states) {
    all->ports.push_back(port);
    all->states.push_back(state);
  }
  const std::lock_guard lock(owner_->mutex_);
  Known& known = address_->known;
  if (!known.ports) known.time = time;
  known.ports = std::move(all);
  if (known.life.empty()) known.life = std::move(life);
}

std::vector<std::string> SharedPorts::notices() const {
  constexpr std::size_t most = 50;
  constexpr std::size_t most_names = 8;
  const std::lock_guard lock(mutex_);
  std::vector<std::string> notices;
  std::uint64_t more = 0;
  for (const auto& [key, address] : addresses_) {
    std::vector<std::string> names = address.names;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (names.size() < 2) continue;
    if (notices.size() == most) {
      ++more;
      continue;
    }
    std::string list;
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
      list += fmt::format("{}{}", i == 0 ? "" : ", ", visible(names[i]));
    if (names.size() > most_names) list += fmt::format(" and {} more", names.size() - most_names);
    notices.push_back(
        fmt::format("{} is an address of {}: its ports were swept once for all of them, and each name was "
                    "asked by itself where the server is told the name (TLS, HTTP)",
                    format_address(key.address), list));
  }
  if (more > 0)
    notices.push_back(fmt::format("and {} that several names share", counted(more, "more address", "more addresses")));
  return notices;
}

}  // namespace audit::core
