#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace audit::cli {

// Files among somebody else's: only those are read, replaced or removed that `head_of` began.

/// Error where there is a file of this name that is not ours, or no file at all but a link or a folder.
[[nodiscard]] Result<void> check_ours(const std::string& path);
/// Puts a file there, readable by all, whole or not at all, with its folders. Error where what is there is not ours.
[[nodiscard]] Result<void> write_ours(const std::string& path, const std::string& text);
/// False where there is none. Error where it is not ours.
[[nodiscard]] Result<bool> remove_ours(const std::string& path);
/// The text of a file of ours, "" for any other.
[[nodiscard]] std::string read_ours(const std::string& path);
/// The paths in a folder that begin with "audit-", end like this and are ours; sorted.
[[nodiscard]] std::vector<std::string> list_ours(const std::string& folder, const std::string& ending);

}  // namespace audit::cli
