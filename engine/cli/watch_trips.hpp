#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "audit/sink.hpp"

namespace audit::cli {

/// The echoes of one target since a watch began. Those that this machine could not send are not among them.
struct RoundTrips {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  Duration least{};
  Duration most{};
  Duration sum{};
  std::optional<Duration> last;  // the mean of the last round, where something was received

  void add(const core::Echoes& echoes);
  /// From 0 to 1; `sent` must not be 0.
  [[nodiscard]] double loss() const { return 1.0 - static_cast<double>(received) / static_cast<double>(sent); }
  /// `received` must not be 0.
  [[nodiscard]] Duration mean() const { return sum / static_cast<std::int64_t>(received); }
};

using TripsByTarget = std::map<std::string, RoundTrips>;

}  // namespace audit::cli
