#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

/// What an OCSP response (RFC 6960 4.2) says of the first certificate it is about. Its signature is not verified here.
struct OcspResponse {
  std::string response;  // successful malformedRequest internalError tryLater sigRequired unauthorized, else the number
  std::string status;    // good revoked unknown; "" where the response is not a successful one
  std::string serial;    // of the certificate, as Certificate::serial
  std::string this_update;  // "2026-11-20T22:04:05Z"; "" where there is none
  std::string next_update;
  std::string revoked_at;
  std::optional<std::int64_t> this_update_time;  // seconds since 1970
  std::optional<std::int64_t> next_update_time;
  std::size_t certificates = 0;  // how many it is about
};

/// Errors: truncated (over 64 KiB, not looked at), protocol_error (no OCSP response, or an empty one).
[[nodiscard]] Result<OcspResponse> parse_ocsp_response(std::string_view der);

}  // namespace audit::proto
