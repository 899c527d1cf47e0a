#include "probe/pace.hpp"

#include <algorithm>

namespace audit::probe {

void Pace::begin(Instant now) { next_ = std::max(next_, now + std::max(gap_, pause_)); }

void Pace::answered() {
  pause_ /= 2;
  if (pause_ < first_pause / 4) pause_ = Duration::zero();
}

void Pace::lost() { pause_ = std::clamp(pause_ * 2, first_pause, longest_pause); }

}  // namespace audit::probe
