#include "net/datagram_pool.hpp"

#include <algorithm>

namespace audit::net {
namespace {

constexpr std::uint32_t most_served = 64;
constexpr std::uint32_t most_at_once = 64;  // of a shard; a socket of a server has room for some 250 by default

}  // namespace

DatagramPool::Server::Server(DeadlineList& deadlines, const Endpoint& at_in)
    : at(at_in), turns(deadlines, most_at_once) {}

DatagramPool::DatagramPool(World& world, const std::vector<Endpoint>& servers) : world_(world) {
  for (const Endpoint& server : servers) servers_.emplace_back(world.deadlines(), server);
}

DatagramPool::Server* DatagramPool::known(const Endpoint& server) {
  const auto found = std::find_if(servers_.begin(), servers_.end(), [&](const Server& one) {
    return one.at.address == server.address && one.at.port == server.port;
  });
  return found == servers_.end() ? nullptr : &*found;
}

awaitable<Result<Place>> DatagramPool::turn(Endpoint server, Instant deadline) {
  Server* one = known(server);
  if (one == nullptr) co_return Place();
  const Wake wake = co_await one->turns.acquire(deadline);
  if (wake == Wake::stopped) co_return Error(Reason::stopped, format_endpoint(server) + ": the run was stopped");
  if (wake == Wake::deadline)
    co_return Error(Reason::timeout,
                    format_endpoint(server) + ": the deadline passed while it was asked other questions");
  co_return Place(one->turns);
}

awaitable<Result<DatagramPool::Lent>> DatagramPool::take(Endpoint server, const Permit& permit, Instant deadline) {
  Server* one = known(server);
  if (one != nullptr && !one->idle.empty() && !world_.stopped() && permit.test(server)) {
    Lent lent = std::move(one->idle.back());
    one->idle.pop_back();
    --idle_;
    co_return lent;
  }
  Result<std::unique_ptr<Datagram>> opened = co_await world_.open_datagram(server, permit, deadline);
  if (!opened) co_return opened.error();
  Lent lent;
  lent.socket = std::move(*opened);
  co_return lent;
}

void DatagramPool::give_back(const Endpoint& server, Lent lent) {
  Server* one = known(server);
  if (one == nullptr || ++lent.served >= most_served || idle_ >= world_.idle_sockets()) return;
  one->idle.push_back(std::move(lent));
  ++idle_;
}

}  // namespace audit::net
