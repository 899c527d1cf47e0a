#pragma once

#include <string>

namespace audit::cli {

/// The folder `scripts` or `rules`: beside the build folder that the program runs from, else where it was installed.
/// "" where neither exists.
[[nodiscard]] std::string shipped_folder(const std::string& name);

/// False only where it is known that there is nothing of this name.
[[nodiscard]] bool is_there(const std::string& path);

/// Do two paths lead to one file, or would they, whichever way each is written?
[[nodiscard]] bool same_file(const std::string& one, const std::string& other);

}  // namespace audit::cli
