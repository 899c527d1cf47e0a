#pragma once

#include <string>
#include <vector>

#include "lua/test_file.hpp"
#include "trial/case.hpp"

namespace audit::trial {

/// What a rule's test declares.
struct Script {
  std::vector<Case> cases;
  std::vector<Acceptance> acceptances;
};

/// Reads what the file declared; what is wrong is added to `mistakes`, "file:line: what, and what to write instead".
[[nodiscard]] Script read_script(const lua::TestFile& file, const std::string& path, const lua::Rule& rule,
                                 std::vector<std::string>& mistakes);

/// The address of a target that a test does not place.
[[nodiscard]] const IpAddress& home_address();

}  // namespace audit::trial
