#pragma once

#include "base/time.hpp"

namespace audit::probe {

/// When a target may be asked next: its gap, and a pause that losses and resets lengthen and answers shorten again.
class Pace {
 public:
  static constexpr Duration first_pause = std::chrono::milliseconds(50);
  static constexpr Duration longest_pause = std::chrono::seconds(2);

  explicit Pace(Duration gap) : gap_(gap) {}

  /// When the next probe may go out.
  [[nodiscard]] Instant next() const noexcept { return next_; }
  /// Need no probe wait for the one before?
  [[nodiscard]] bool free() const noexcept { return gap_ == Duration::zero() && pause_ == Duration::zero(); }
  /// A probe goes out, or a sweep ends.
  void begin(Instant now);
  /// A probe was answered, or was lost or reset: the target may be at its limit.
  void answered();
  void lost();

  /// What is kept between two probes now, besides the gap.
  [[nodiscard]] Duration pause() const noexcept { return pause_; }

 private:
  Duration gap_;
  Duration pause_{};
  Instant next_{};
};

}  // namespace audit::probe
