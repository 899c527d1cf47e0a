#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "net/deadline_list.hpp"
#include "net/descriptor_set.hpp"
#include "net/kept_connections.hpp"
#include "net/world.hpp"

namespace audit::net {

/// Connection attempts in flight: a lane is one socket and one deadline, about a hundred bytes.
class PortLanes {
 public:
  /// Makes a stream of a connection, in whose hands its descriptor is then; or null, and the descriptor stays here.
  using Adopt = std::function<std::unique_ptr<Stream>(int descriptor, const Endpoint& local, const Endpoint& remote,
                                                      Duration took)>;

  PortLanes(asio::io_context& io, DeadlineList& deadlines, std::uint32_t most, Adopt adopt);
  ~PortLanes();

  [[nodiscard]] bool free() const noexcept { return in_flight_ < most_; }
  /// An open connection goes to `kept`, if that is there and wants it.
  void start(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline, KeptConnections* kept);

 private:
  struct Lane final : DeadlineList::Entry {
    void expired(Expiry why) override;

    PortLanes* owner = nullptr;
    PortSink* sink = nullptr;
    KeptConnections* kept = nullptr;
    Instant started{};
    int descriptor = -1;
    std::uint32_t token = 0;
    std::uint16_t port = 0;
    bool loopback = false;
    bool in_set = false;
  };

  static_assert(sizeof(Lane) <= 128, "twenty thousand of them are in flight at once");

  Lane& take();
  /// Each asks the socket whether its connect ended so; false where it did not, or has not.
  bool settle_open(Lane& lane);
  bool settle_failed(Lane& lane);
  void hand_over(Lane& lane, const Endpoint& local, const Endpoint& remote);
  void finish(Lane& lane, PortEvent event, int fault_number);

  DeadlineList& deadlines_;
  const std::uint32_t most_;
  Adopt adopt_;
  std::uint32_t in_flight_ = 0;
  DescriptorSet set_;
  std::deque<Lane> lanes_;
  std::vector<Lane*> idle_;
};

}  // namespace audit::net
