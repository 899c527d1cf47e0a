#pragma once

#include <string>
#include <string_view>

namespace audit {

/// A name-based UUID (RFC 9562, 5.5: version 5): the same names give the same one. `space` is a UUID itself.
[[nodiscard]] std::string uuid_of(std::string_view space, std::string_view name);

}  // namespace audit
