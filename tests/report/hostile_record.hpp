#pragma once

#include <string>

#include "base/run_record.hpp"

namespace audit::report {

/// Everything at once that a peer, a name or a rule might carry to become more than text.
[[nodiscard]] std::string hostile_bytes();
/// The record with `bytes` in every field that takes text.
[[nodiscard]] RunRecord hostile_record(const std::string& bytes);

}  // namespace audit::report
