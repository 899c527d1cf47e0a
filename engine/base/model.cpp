#include "base/model.hpp"

#include <algorithm>
#include <array>

namespace audit {

bool Observation::saw_something() const noexcept {
  switch (reason) {
    case Reason::missing_credential:
    case Reason::out_of_scope:
    case Reason::not_recorded:
    case Reason::over_budget:
    case Reason::rule_error:
    case Reason::rule_stuck:
    case Reason::local_fault:
    case Reason::stopped: return false;
    default: return true;
  }
}

Status status_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::filtered:
    case Reason::unreachable:
    case Reason::unresolved:
    case Reason::auth_required:
    case Reason::missing_credential:
    case Reason::out_of_scope:
    case Reason::not_recorded:
    case Reason::stopped: return Status::not_reviewed;
    default: return Status::error;
  }
}

const Finding& Check::foremost() const {
  return *std::min_element(results.begin(), results.end(), [](const Finding& a, const Finding& b) {
    if (a.status != b.status) return precedence(a.status) < precedence(b.status);
    return a.severity > b.severity;
  });
}

std::string_view name_of(TargetKind kind) noexcept { return kind == TargetKind::listed ? "listed" : "candidate"; }

std::string_view name_of(TargetLife life) noexcept {
  constexpr std::array<std::string_view, 4> names{"alive", "silent", "unresolved", "unknown"};
  return names[static_cast<std::size_t>(life)];
}

}  // namespace audit
