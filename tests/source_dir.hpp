#pragma once

#include <string>

namespace audit::test {

/// Where this clone lies. Compiled in one place only: the compiler's cache serves every clone with the rest.
[[nodiscard]] std::string source_dir();

}  // namespace audit::test
