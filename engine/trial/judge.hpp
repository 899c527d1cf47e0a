#pragma once

#include <string>
#include <vector>

#include "lua/test_file.hpp"
#include "trial/case.hpp"
#include "trial/stage.hpp"

namespace audit::trial {

/// Where what a case expects is not what was seen.
struct Difference {
  std::string field;
  std::string expected;
  std::string seen;
};

/// What was seen against what is expected; empty where all of it holds. `functions` matches patterns.
[[nodiscard]] std::vector<Difference> compare(const Expected& expected, const Seen& seen, lua::TestFile& functions);

/// "fail (observed)".
[[nodiscard]] std::string shown_result(const Finding& finding);
/// Plain data as a test would write it, bytes escaped.
[[nodiscard]] std::string shown_value(const Value& value);

}  // namespace audit::trial
