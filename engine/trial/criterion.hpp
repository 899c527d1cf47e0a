#pragma once

#include <optional>
#include <string>

#include "trial/generate.hpp"
#include "trial/stage.hpp"

namespace audit::trial {

/// A verdict of a generated case that nothing it saw justifies.
struct Fault {
  Status status = Status::pass;
  std::string verdict;  // "pass (observed): …"
  std::string why;
};

/// Judges how a generated case ended, against the check of the case that it was made from (null: there is none). error,
/// not_reviewed, not_applicable and informational are always fine; rules/README.md says what else is.
[[nodiscard]] std::optional<Fault> find_fault(const Variant& variant, const Check* base, const Seen& seen);

}  // namespace audit::trial
