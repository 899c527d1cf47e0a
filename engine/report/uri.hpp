#pragma once

#include <string>
#include <string_view>

namespace audit::report {

/// A path as a URI reference: relative as it stands, else file://.
[[nodiscard]] std::string uri_of_path(std::string_view path);
/// A URI reference (RFC 3986) as somebody wrote it: whatever may not stand in one is escaped, what is escaped already stays.
[[nodiscard]] std::string uri_of_reference(std::string_view text);

}  // namespace audit::report
