#include "net/prefix_limit.hpp"

namespace audit::net {
namespace {

constexpr std::size_t table_size = 16'384;  // a power of two
constexpr std::uint32_t lower_half = 0xffff;

std::uint32_t lanes_of(std::uint32_t taken) { return taken >> 16U; }
std::uint32_t conversations_of(std::uint32_t taken) { return taken & lower_half; }

}  // namespace

PrefixLimit::PrefixLimit(std::uint32_t most, Bounds bounds)
    : most_(most), most_conversations_(bounds == Bounds::everything && most > 1 ? most - 1 : most),
      most_leaves_(most_conversations_ > 1 ? most_conversations_ - 1 : 1), bounds_(bounds), counts_(table_size) {}

PrefixLimit::Count& PrefixLimit::count_of(const IpAddress& address) noexcept {
  const std::size_t bytes = address.family == Family::v4 ? 3 : 6;
  std::uint64_t hash = 0xcbf29ce484222325U + bytes;  // FNV-1a
  for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ address.bytes[i]) * 0x100000001b3U;
  return counts_[(hash ^ hash >> 32U) & (table_size - 1)];
}

bool PrefixLimit::try_take(Count& count, Kind kind) const noexcept {
  if (kind == Kind::leave) {
    std::uint32_t leaves = count.leaves.load(std::memory_order_relaxed);
    while (leaves < most_leaves_)
      if (count.leaves.compare_exchange_weak(leaves, leaves + 1, std::memory_order_relaxed)) return true;
    return false;
  }
  std::uint32_t taken = count.taken.load(std::memory_order_relaxed);
  while (conversations_of(taken) < most_conversations_ && conversations_of(taken) + lanes_of(taken) < most_)
    if (count.taken.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return true;
  return false;
}

bool PrefixLimit::try_take_lane(Count& count) const noexcept {
  std::uint32_t taken = count.taken.load(std::memory_order_relaxed);
  while (conversations_of(taken) + lanes_of(taken) < most_) {
    if (lanes_of(taken) > 0 && count.waiting.load(std::memory_order_relaxed) > 0) return false;
    if (count.taken.compare_exchange_weak(taken, taken + lane, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace audit::net
