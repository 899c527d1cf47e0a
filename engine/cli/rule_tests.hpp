#pragma once

#include <optional>
#include <string>
#include <vector>

namespace audit::cli {

/// The rule that a test's path stands for; other paths as they are. A `+` before it stays.
[[nodiscard]] std::string rule_of_test(std::string path);
/// Tests that have no rule beside them, each as "file: what": nobody would run them.
[[nodiscard]] std::vector<std::string> orphans_below(const std::vector<std::string>& paths);
/// The text of a rule's test; none where there is no such file. `problem` says why one that is there cannot be had.
[[nodiscard]] std::optional<std::string> read_test(const std::string& path, std::string& problem);

}  // namespace audit::cli
