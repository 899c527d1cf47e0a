#include "base/waiver.hpp"

#include <array>

namespace audit {

std::string_view name_of(WaiverState state) noexcept {
  constexpr std::array<std::string_view, 4> names{"future", "active", "expiring", "expired"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace audit
