#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace audit::cli {

/// `--on-overlap`: what a run does where another run of its inventory is not over yet.
struct Overlap {
  enum class Policy { fail, skip, wait };
  Policy policy = Policy::fail;
  std::optional<Duration> longest;  // that it waits; without it until the other is over
};

/// "fail", "skip", "wait" or "wait:10m". Error says which words there are.
[[nodiscard]] Result<Overlap> parse_overlap(const std::string& text);

}  // namespace audit::cli
