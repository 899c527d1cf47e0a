#include "audit/frameworks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "inventory/mistakes.hpp"

namespace audit::core {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_of(const std::string& rule_path) {
  std::vector<std::string> files;
  std::error_code failure;
  const fs::path folder = fs::path(rule_path) / "frameworks";
  for (auto it = fs::directory_iterator(folder, failure); !failure && it != fs::directory_iterator();
       it.increment(failure))
    if (it->path().extension() == ".toml") files.push_back(it->path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string no_rule(const std::string& glob, const std::vector<std::string>& rules) {
  const std::string_view close = nearest(glob, std::vector<std::string_view>(rules.begin(), rules.end()));
  return fmt::format("`{}` matches no rule{}", visible(glob),
                     close.empty() ? std::string("; `audit rules list` shows what there is")
                                   : fmt::format("; did you mean `{}`?", close));
}

std::string twice(const std::string& rule, const inventory::FrameworkFile::Pattern& first) {
  return fmt::format(
      "`{}` is mapped to this control already, at {}; a rule bears on a control in one way, and only a row "
      "that names the rule itself goes before a glob",
      visible(rule), inventory::format_place(first.place));
}

}  // namespace

Framework resolve_framework(inventory::FrameworkFile file, const std::vector<std::string>& rules,
                            std::vector<inventory::Mistake>& mistakes) {
  Framework framework = std::move(file.framework);
  using Pattern = inventory::FrameworkFile::Pattern;
  std::vector<std::map<std::string_view, const Pattern*>> rows(framework.controls.size());  // by control, then rule
  for (const Pattern& pattern : file.patterns) {
    bool matched = false;
    for (const std::string& rule : rules) {
      if (!glob_match(pattern.glob, rule)) continue;
      matched = true;
      const auto [row, fresh] = rows[pattern.control].try_emplace(rule, &pattern);
      if (fresh) continue;
      const bool exact = pattern.glob == rule;
      if (exact == (row->second->glob == rule)) {
        mistakes.push_back({pattern.place, twice(rule, *row->second)});
        break;
      }
      if (exact) row->second = &pattern;
    }
    if (!matched) mistakes.push_back({pattern.place, no_rule(pattern.glob, rules)});
  }
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const auto& [rule, pattern] : rows[i])
      framework.controls[i].rules.push_back({std::string(rule), pattern->supports, pattern->why});
  std::sort(framework.controls.begin(), framework.controls.end(),
            [](const auto& a, const auto& b) { return control_before(a.id, b.id); });
  return framework;
}

LoadedControls load_frameworks(const std::vector<std::string>& rule_paths, const std::vector<std::string>& rules) {
  LoadedControls loaded;
  std::map<std::string, inventory::Place> known;
  for (const std::string& rule_path : rule_paths)
    for (const std::string& path : files_of(rule_path)) {
      inventory::LoadedFramework read = inventory::load_framework(path);
      loaded.mistakes.insert(loaded.mistakes.end(), read.mistakes.begin(), read.mistakes.end());
      if (!read.file) continue;
      const auto [first, fresh] = known.try_emplace(read.file->framework.id, read.file->id_place);
      if (!fresh) {
        loaded.mistakes.push_back(
            {read.file->id_place, fmt::format("there is a framework `{}` already, at {}; give this one another id",
                                              read.file->framework.id, inventory::format_place(first->second))});
        continue;
      }
      loaded.controls.frameworks.push_back(resolve_framework(std::move(*read.file), rules, loaded.mistakes));
    }
  std::sort(loaded.controls.frameworks.begin(), loaded.controls.frameworks.end(),
            [](const Framework& a, const Framework& b) { return a.id < b.id; });
  return loaded;
}

}  // namespace audit::core
