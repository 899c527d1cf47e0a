#include "base/fingerprint.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"

namespace audit {

std::string fingerprint_of(std::string_view rule, std::string_view target, std::string_view endpoint,
                           std::string_view key) {
  // Each behind its length, so that no two ways to cut one text are the same.
  constexpr std::size_t digits = 32;
  return sha256_hex(fmt::format("{}:{}{}:{}{}:{}{}:{}", rule.size(), rule, target.size(), target, endpoint.size(),
                                endpoint, key.size(), key))
      .substr(0, digits);
}

std::string fingerprint_of(const Check& check, const Finding& finding) {
  return fingerprint_of(check.rule, check.target, finding.endpoint, finding.key);
}

bool is_remembered(Status status) noexcept { return status == Status::fail || status == Status::error; }

std::string seen_key(std::string fingerprint, Status status) {
  if (status == Status::error) fingerprint += ":error";
  return fingerprint;
}

}  // namespace audit
