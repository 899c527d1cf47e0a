#include "base/run_record.hpp"

#include <algorithm>

#include "base/fingerprint.hpp"

namespace audit {

void Summary::count(const Check& check) {
  ++checks[static_cast<std::size_t>(check.status())];
  for (const Finding& result : check.results) {
    ++results[static_cast<std::size_t>(result.status)];
    if (result.status != Status::fail) continue;
    ++failures[static_cast<std::size_t>(result.severity)];
    if (result.waiver.empty()) continue;
    ++waived;
    ++waived_failures[static_cast<std::size_t>(result.severity)];
  }
  const bool accepted = std::all_of(check.results.begin(), check.results.end(), [](const Finding& result) {
    return result.status != Status::not_reviewed || !result.waiver.empty();
  });
  if (check.status() == Status::not_reviewed && accepted) ++waived_unseen;
}

double Summary::score() const {
  const std::uint64_t counted = of(Status::pass) + of(Status::fail) + of(Status::error) + of(Status::not_reviewed);
  return counted == 0 ? 0.0 : static_cast<double>(of(Status::pass)) / static_cast<double>(counted);
}

double Summary::coverage() const {
  if (planned == 0) return 0.0;
  const std::uint64_t blind = of(Status::error) + of(Status::not_reviewed);
  return blind > planned ? 0.0 : static_cast<double>(planned - blind) / static_cast<double>(planned);
}

double Summary::accepted_coverage() const {
  if (planned == 0) return 0.0;
  const std::uint64_t blind = of(Status::error) + of(Status::not_reviewed) - waived_unseen;
  return blind > planned ? 0.0 : static_cast<double>(planned - blind) / static_cast<double>(planned);
}

std::optional<WallTime> RunRecord::first_seen_of(const Check& check, const Finding& finding) const {
  if (first_seen.empty() || !is_remembered(finding.status)) return std::nullopt;
  const auto known = first_seen.find(seen_key(fingerprint_of(check, finding), finding.status));
  return known == first_seen.end() ? std::nullopt : std::optional(known->second);
}

void RunRecord::assess_controls() {
  frameworks.clear();
  if (controls.frameworks.empty()) return;  // the checks of a large run take a while to walk
  const auto is_waived = [](const Check&, const Finding& finding) { return !finding.waiver.empty(); };
  frameworks =
      assess(controls, outcomes_of(rules, checks, is_waived, left_out), answers_of(attestations), run.complete);
}

}  // namespace audit
