#include "base/attestation.hpp"

#include <array>

namespace audit {

std::string_view name_of(AttestationState state) noexcept {
  constexpr std::array<std::string_view, 3> names{"future", "current", "expired"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace audit
