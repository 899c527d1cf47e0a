#pragma once

#include <string>

#include "base/time.hpp"
#include "base/value.hpp"

namespace audit::probe {

/// A certificate by the names that Lua uses. What cannot be read has `problem`, `der` and its fingerprint alone.
[[nodiscard]] Value::Object certificate_fields(const std::string& der, WallTime now);
/// A stapled OCSP response: `present`, and what it says.
[[nodiscard]] Value::Object staple_fields(const std::string& der);

}  // namespace audit::probe
