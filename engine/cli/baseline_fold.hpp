#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audit::cli {

/// Takes out of the tables of targets, as TOML, what several say alike of ports, services and settings, and gives it to a
/// group of theirs: the groups' tables, to stand before the targets. Keys that a target alone can mean stay: its address,
/// names, certificates and host keys. `taken`: names that groups have already.
[[nodiscard]] std::string fold_targets(std::vector<std::string>& targets, const std::vector<std::string>& taken);

}  // namespace audit::cli
