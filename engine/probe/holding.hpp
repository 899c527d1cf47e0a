#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/prefix_limit.hpp"
#include "net/waiting.hpp"

namespace audit::probe {

/// What one check holds of a target, in all its branches, while it asks on: the streams that its rule opened. Words hold
/// nothing but while they ask.
struct Holding {
  std::vector<const net::PrefixLimit::Count*> streams;  // where each counts in its network; null where nothing does
  std::uint32_t running = 1;                  // coroutines of the check, but for one that waits for its branches
  std::uint32_t waiting = 0;                  // of these, for a place
  std::weak_ptr<void> leave;                  // to hold streams, from the first to the last
  std::shared_ptr<net::Event> leave_awaited;  // where a branch waits for it

  /// Does nothing of the check go on before somebody gives a place back?
  [[nodiscard]] bool stalled() const noexcept { return !streams.empty() && waiting == running; }
};

}  // namespace audit::probe
