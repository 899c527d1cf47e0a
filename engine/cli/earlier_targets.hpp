#pragma once

#include <optional>
#include <string>

#include "audit/plan.hpp"
#include "cli/setup.hpp"
#include "net/transcript.hpp"
#include "store/run_head.hpp"

namespace audit::cli {

/// Where a run knows from which candidates were targets before: from what it replays, or resumes, else from the last
/// complete run of the same scope. Null, none or "" where there is no such thing.
struct EarlierSource {
  const net::RunStart* replayed = nullptr;
  const std::optional<store::RunStart>& resumed;
  std::string state;
};

/// Tells the plan which candidates stay targets though they are silent. A run that cannot be read is a notice of this one.
void recall_targets(core::Plan& plan, const Sources& sources, const EarlierSource& source);

}  // namespace audit::cli
