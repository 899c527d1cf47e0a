#pragma once

#include <string>
#include <string_view>

#include "inventory/target_source.hpp"

namespace audit::inventory {

/// The targets that a source names, as JSON: addresses, groups, tags, owners, criticality and their places in the source,
/// the groups that it has of another tool, and the notices. No variable of a host, which could be a secret.
[[nodiscard]] std::string write_expanded(const ReadSource& source);
/// Reads them back: the same as reading the source again, where it has no mistake.
[[nodiscard]] ReadSource read_expanded(std::string_view bytes);

}  // namespace audit::inventory
