#include "net/prefix_limit.hpp"

namespace audit::net {
namespace {

constexpr std::size_t table_size = 16'384;  // a power of two

}  // namespace

PrefixLimit::PrefixLimit(std::uint32_t most) : most_(most), counts_(table_size) {}

std::atomic<std::uint32_t>& PrefixLimit::count_of(const IpAddress& address) {
  const std::size_t bytes = address.family == Family::v4 ? 3 : 6;
  std::uint64_t hash = 0xcbf29ce484222325U + bytes;  // FNV-1a
  for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ address.bytes[i]) * 0x100000001b3U;
  return counts_[(hash ^ hash >> 32U) & (table_size - 1)];
}

std::shared_ptr<void> PrefixLimit::try_take(const IpAddress& address) {
  std::atomic<std::uint32_t>& count = count_of(address);
  std::uint32_t taken = count.load(std::memory_order_relaxed);
  while (taken < most_)
    if (count.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed))
      return {&count, [](std::atomic<std::uint32_t>* held) { held->fetch_sub(1, std::memory_order_relaxed); }};
  return nullptr;
}

}  // namespace audit::net
