#include "probe/pace.hpp"

#include <algorithm>

namespace audit::probe {

Instant Pace::reserve(Instant ready) {
  const Instant slot = std::max(ready, next_);
  next_ = slot + std::max(gap_, pause_);
  return slot;
}

void Pace::answered() {
  pause_ /= 2;
  if (pause_ < first_pause / 4) pause_ = Duration::zero();
}

void Pace::lost() { pause_ = std::clamp(pause_ * 2, first_pause, longest_pause); }

void Pace::not_before(Instant instant) { next_ = std::max(next_, instant); }

}  // namespace audit::probe
