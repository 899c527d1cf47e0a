#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check_list.hpp"

namespace audit::store {

/// Appends the checks of one target as bytes: what they came to, and apart from it the evidence, which is most of them and
/// which most who walk over checks do not ask for. Names of rules are left to the reader.
void write_checks(const std::vector<Check>& checks, std::string& results, std::string& evidence);

/// Puts the checks that `write_checks` wrote in place of what `checks` holds; `evidence` is called where any of it is
/// wanted. False where the bytes are no such checks: then `checks` is of no use. The target's ordinal and the names of
/// rules are left alone.
[[nodiscard]] bool read_checks(std::string_view results, const std::function<std::string_view()>& evidence,
                               Detail detail, std::vector<Check>& checks);

}  // namespace audit::store
