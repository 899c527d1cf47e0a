#pragma once

#include <deque>
#include <vector>

#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::net {

/// Sockets for questions to a few servers that are asked all the time: one that brought its answer serves the next
/// question. Each has a port of its own that the kernel drew, is used by one question at a time, and is closed after a
/// few dozen, so that nobody can learn a port in time to forge an answer to it (RFC 5452 9). One a shard.
class DatagramPool {
 public:
  /// A socket, and how many questions it has served.
  struct Lent {
    std::unique_ptr<Datagram> socket;
    std::uint32_t served = 0;
  };

  /// Keeps sockets to these servers, for others none.
  DatagramPool(World& world, const std::vector<Endpoint>& servers);

  /// A turn among the questions that one of these servers is asked at once: more than its socket has room for would be
  /// lost, and look like silence. For other servers at once. Errors: timeout, stopped.
  [[nodiscard]] awaitable<Result<Place>> turn(Endpoint server, Instant deadline);
  /// Errors: those of World::open_datagram.
  [[nodiscard]] awaitable<Result<Lent>> take(Endpoint server, const Permit& permit, Instant deadline);
  /// After its answer came, and nothing else: what has not been answered is to be closed, for the answer may yet come.
  void give_back(const Endpoint& server, Lent lent);

 private:
  struct Server {
    Server(DeadlineList& deadlines, const Endpoint& at_in);
    Endpoint at;
    Semaphore turns;
    std::vector<Lent> idle;
  };
  [[nodiscard]] Server* known(const Endpoint& server);

  World& world_;
  std::deque<Server> servers_;
  std::size_t idle_ = 0;
};

}  // namespace audit::net
