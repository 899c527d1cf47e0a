#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inventory/parsed.hpp"

namespace audit::inventory {

/// A URL by which a target is named (RFC 3986): its host is the target, its port is swept besides what rules ask for.
struct TargetUrl {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

[[nodiscard]] bool meant_as_url(std::string_view text);
/// http, https and other schemes of well-known port, or any that writes its port. Refuses userinfo, query and fragment:
/// the first is a secret in plain text (never repeated in the message), the second may hold one, the third is never sent.
[[nodiscard]] Parsed<TargetUrl> parse_target_url(std::string_view text);

}  // namespace audit::inventory
