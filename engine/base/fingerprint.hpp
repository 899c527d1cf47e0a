#pragma once

#include <string>
#include <string_view>

#include "base/model.hpp"

namespace audit {

/// What a finding is known by from run to run, whatever its words: 32 hex digits of SHA-256 over rule, target, endpoint
/// and key.
[[nodiscard]] std::string fingerprint_of(std::string_view rule, std::string_view target, std::string_view endpoint,
                                         std::string_view key);
[[nodiscard]] std::string fingerprint_of(const Check& check, const Finding& finding);

/// Is it kept since when there is a result of this status? Of failures and errors.
[[nodiscard]] bool is_remembered(Status status) noexcept;
/// By what that is kept: what failed and then could not be judged has been failing no longer than it fails.
[[nodiscard]] std::string seen_key(std::string fingerprint, Status status);

}  // namespace audit
