#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace audit::net {

/// Connections at once with one /24 (IPv4) or /48 (IPv6), for the whole process: what a firewall in front of it, or a
/// host of many addresses, has to bear. Prefixes that fall together in the table share their places, so the limit is
/// never exceeded. Lanes, conversations and who holds one while it wants another never wait for each other for ever: see
/// `try_take_lane` and `Kind`. Any thread.
class PrefixLimit {
 public:
  /// What takes places: conversations alone, or the lanes of sweeps as well.
  enum class Bounds : std::uint8_t { conversations, everything };

  /// A conversation, or the leave to hold conversations while asking for more: there is one leave fewer than conversations
  /// may be, but at least one. Where nobody holds more than two, whoever has leave gets another one in time.
  enum class Kind : std::uint8_t { conversation, leave };

  /// The places of one prefix.
  struct Count {
    std::atomic<std::uint32_t> leaves{0};
    std::atomic<std::uint32_t> taken{0};    // lanes in the upper half, conversations in the lower
    std::atomic<std::uint32_t> waiting{0};  // conversations
  };

  /// A conversation waits while this lives: lanes leave it the places that come free, or a long sweep would keep it out
  /// until its deadline.
  class Waiting {
   public:
    explicit Waiting(Count& count) noexcept : count_(count) { count_.waiting.fetch_add(1, std::memory_order_relaxed); }
    ~Waiting() { count_.waiting.fetch_sub(1, std::memory_order_relaxed); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Count& count_;
  };

  /// `most` from 1 to 65,535. Where lanes are bounded, one place of two or more is kept for them.
  explicit PrefixLimit(std::uint32_t most, Bounds bounds = Bounds::conversations);

  /// How many of the places conversations may have at once.
  [[nodiscard]] std::uint32_t most_conversations() const noexcept { return most_conversations_; }
  [[nodiscard]] bool bounds_lanes() const noexcept { return bounds_ == Bounds::everything; }
  /// Where the places of an address are counted; lives as long as this.
  [[nodiscard]] Count& count_of(const IpAddress& address) noexcept;
  /// A place for a conversation, or a leave; false where there is none now.
  [[nodiscard]] bool try_take(Count& count, Kind kind = Kind::conversation) const noexcept;
  static void give_back(Count& count, Kind kind = Kind::conversation) noexcept {
    (kind == Kind::leave ? count.leaves : count.taken).fetch_sub(1, std::memory_order_relaxed);
  }
  /// A place for a lane; false where there is none now. A lane ends by itself, waiting for nothing else, and the first
  /// one has a place that no conversation takes: whoever holds a conversation can wait for a port.
  [[nodiscard]] bool try_take_lane(Count& count) const noexcept;
  static void give_back_lane(Count& count) noexcept { count.taken.fetch_sub(lane, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t lane = 0x1'0000;

  std::uint32_t most_;
  std::uint32_t most_conversations_;
  std::uint32_t most_leaves_;
  Bounds bounds_;
  std::vector<Count> counts_;
};

}  // namespace audit::net
