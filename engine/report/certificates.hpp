#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

/// The certificate that a TLS server showed first, in an observation's fields; null where it showed none.
[[nodiscard]] const Value* leaf_of(const Observation& observation);

/// A server's own certificate, once, however many endpoints show it. Texts are bytes as they came.
struct SeenCertificate {
  std::string subject;
  std::string issuer;
  std::string fingerprint;                 // SHA-256, hex
  std::optional<std::int64_t> not_before;  // seconds since 1970; none where that could not be read
  std::optional<std::int64_t> not_after;
  std::vector<std::string> endpoints;  // each once, in the order of the record
};

/// Those whose expiry nobody could read, then the one that runs out first; by fingerprint where that is the same.
[[nodiscard]] std::vector<SeenCertificate> certificates_of(const RunRecord& record);

/// Whole days from `time` until the last second, rounded down: negative where it is over.
[[nodiscard]] std::int64_t days_until(std::int64_t seconds, WallTime time);

}  // namespace audit::report
