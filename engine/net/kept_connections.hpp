#pragma once

#include <memory>
#include <vector>

#include "base/ports.hpp"
#include "net/deadline_list.hpp"
#include "net/stream.hpp"

namespace audit::net {

/// Connections of one target that its sweep opened and that a conversation may take over, so that a service is connected
/// to once. Each is held for at most `longest_kept`; then, or where nobody takes it, it ends with a reset like any other
/// port probe. Lives on its target's shard.
class KeptConnections final : private DeadlineList::Entry {
 public:
  /// A server sees a client that says nothing for no longer than this.
  static constexpr Duration longest_kept = std::chrono::milliseconds(250);

  explicit KeptConnections(DeadlineList& deadlines) : deadlines_(deadlines) {}
  ~KeptConnections();

  /// From now on: connections to these ports, at most so many at once.
  void want(PortSet ports, std::uint32_t most);
  [[nodiscard]] bool wants(const Endpoint& to) const;
  void keep(const Endpoint& to, std::unique_ptr<Stream> stream, Instant now);
  /// Null where there is none, or where the peer has ended it in the meantime.
  [[nodiscard]] std::unique_ptr<Stream> take(const Endpoint& to);
  /// Ends all but so many; the one to `spared` stays, and is not counted.
  void trim(std::uint32_t most, const Endpoint* spared);
  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

 private:
  struct Kept {
    Endpoint to;
    std::unique_ptr<Stream> stream;
  };
  void expired(Expiry why) override;

  DeadlineList& deadlines_;
  PortSet ports_;
  std::uint32_t most_ = 0;
  std::vector<Kept> kept_;
};

}  // namespace audit::net
