#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace audit::cli {

inline constexpr std::size_t longest_secret = 65'536;  // bytes

/// What a file holds that nobody else may read: as ssh wants its keys, it belongs to this user or to root, and neither its
/// group nor others have any right to it. Links are followed, and the file at their end is what counts. Error
/// missing_credential, in words that follow a credential's name: not there, not a file, not private, empty, too long.
[[nodiscard]] Result<std::string> read_secret_file(const std::filesystem::path& path);

}  // namespace audit::cli
