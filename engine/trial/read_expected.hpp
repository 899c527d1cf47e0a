#pragma once

#include <string>
#include <vector>

#include "trial/case.hpp"

namespace audit::trial {

/// An `expect { … }`; mistakes are added as "file:line: what".
[[nodiscard]] Expected read_expected(const std::string& place, const Value& table, std::vector<std::string>& mistakes);

}  // namespace audit::trial
