#pragma once

#include <string>
#include <vector>

#include "base/controls.hpp"
#include "inventory/framework.hpp"

namespace audit::core {

struct LoadedControls {
  Controls controls;  // of the files without mistakes
  std::vector<inventory::Mistake> mistakes;
};

/// Loads frameworks/*.toml of each of these folders of rules, in the order of their names; files and folders without are
/// passed over. `rules`: the ids of all that are loaded, the built-in ones among them; a glob that matches none of them is
/// a mistake, and so are two frameworks of one id.
[[nodiscard]] LoadedControls load_frameworks(const std::vector<std::string>& rule_paths,
                                             const std::vector<std::string>& rules);

/// Finds out which rules the globs of a framework mean; a mistake for each that means none, and where two rows of a control
/// mean one rule: unless one of them names it, which then goes before the glob.
[[nodiscard]] Framework resolve_framework(inventory::FrameworkFile file, const std::vector<std::string>& rules,
                                          std::vector<inventory::Mistake>& mistakes);

}  // namespace audit::core
