#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.hpp"

namespace audit::net {

/// Conversations at once with one /24 (IPv4) or /48 (IPv6), for the whole process: what a firewall in front of it, or a
/// host of many addresses, has to bear. Prefixes that fall together in the table share a limit, so it is never exceeded.
/// Any thread.
class PrefixLimit {
 public:
  /// `most` from 1 up.
  explicit PrefixLimit(std::uint32_t most);

  /// A place, given back when the last copy of it goes; null where there is none now.
  [[nodiscard]] std::shared_ptr<void> try_take(const IpAddress& address);

 private:
  [[nodiscard]] std::atomic<std::uint32_t>& count_of(const IpAddress& address);

  std::uint32_t most_;
  std::vector<std::atomic<std::uint32_t>> counts_;
};

}  // namespace audit::net
