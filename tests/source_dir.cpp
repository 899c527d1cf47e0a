#include "source_dir.hpp"

namespace audit::test {

std::string source_dir() { return AUDIT_SOURCE_DIR; }

}  // namespace audit::test
