#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/controls.hpp"
#include "inventory/load.hpp"

namespace audit::inventory {

/// A framework as its file writes it: the rules that bear on a control are globs yet.
struct FrameworkFile {
  struct Pattern {
    std::size_t control = 0;  // its place in framework.controls
    std::string glob;
    Support supports = Support::partial;
    std::string why;
    Place place;  // of the glob
  };
  Framework framework;  // its controls without rules
  Place id_place;
  std::vector<Pattern> patterns;
};

struct LoadedFramework {
  std::optional<FrameworkFile> file;  // absent where there is any mistake
  std::vector<Mistake> mistakes;
};

/// Reads rules/frameworks/*.toml: schema, id, title, version, url, note, and for each control [controls."CM-7"] with title
/// and rules, a list of { rule = glob, supports = "partial" | "full", why }; none where no rule bears on it. Never throws.
[[nodiscard]] LoadedFramework load_framework(const std::string& path);
/// As load_framework, of text; `file` is only used in messages.
[[nodiscard]] LoadedFramework load_framework_text(std::string_view text, const std::string& file);

}  // namespace audit::inventory
