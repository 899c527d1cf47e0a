#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/world.hpp"
#include "probe/sweep.hpp"

namespace audit::core {

/// What the sweeps of names found, by address, so that an address which several names share is swept once in a run. One
/// target at a time has the turn at an address; the next finds what was seen. Shared by all shards, thread-safe.
class SharedPorts {
 public:
  /// Targets that are asked as patiently as each other: another's silence means as much as one's own.
  struct Key {
    IpAddress address;
    std::uint32_t attempts = 0;
    Duration timeout{};
    auto operator<=>(const Key&) const = default;
  };
  /// What is known of an address so far.
  struct Known {
    std::shared_ptr<const probe::HostPorts> ports;  // null where nobody has looked
    std::string life;                               // how it showed life, "" where it did not
    WallTime time{};                                // of the first look
  };

 private:
  struct Waiter;
  struct Address {
    Known known;
    std::vector<std::string> names;
    bool taken = false;
    std::deque<std::shared_ptr<Waiter>> queue;
  };

 public:
  /// The turn at one address; passed on when it goes out of scope.
  class Turn {
   public:
    Turn(SharedPorts& owner, Address& address) : owner_(&owner), address_(&address), known_(address.known) {}
    Turn(Turn&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), address_(other.address_), known_(std::move(other.known_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    [[nodiscard]] const Known& known() const noexcept { return known_; }
    /// Adds what a sweep saw: open, closed and filtered ports alone, for the rest is no state of a port.
    void publish(const probe::HostPorts& found, std::string life, WallTime time);

   private:
    SharedPorts* owner_;
    Address* address_;
    Known known_;
  };

  /// Waits for the turn of this name at an address; null where the run was stopped first. Who needs several takes them in
  /// the order of the keys.
  [[nodiscard]] awaitable<std::unique_ptr<Turn>> take(net::World& world, Key key, std::string name);
  /// Which names shared an address, in words; after the run.
  [[nodiscard]] std::vector<std::string> notices() const;

 private:
  void pass_on(Address& address);

  mutable std::mutex mutex_;
  std::map<Key, Address> addresses_;  // whose nodes stay where they are
};

}  // namespace audit::core
