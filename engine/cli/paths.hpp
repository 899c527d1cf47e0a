#pragma once

#include <string>

namespace audit::cli {

/// The folder `scripts` or `rules`: beside the build folder that the program runs from, else where it was installed.
/// "" where neither exists.
[[nodiscard]] std::string shipped_folder(const std::string& name);

}  // namespace audit::cli
