#include "lua/own_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "lua/find_rule.hpp"
#include "syntax/parser.hpp"

namespace audit::lua {
std::vector<std::string> required_names(const syntax::Scopes& scopes) {
  std::vector<std::string> names;
  for (const syntax::Use& use : scopes.uses)
    if (use.local == nullptr && !use.own_globals && use.name == "require" && use.argument != nullptr)
      names.push_back(use.argument->bytes);
  return names;
}

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_module = 1U << 20U;
constexpr std::size_t most_modules = 64;

/// No path, and nothing that could become one.
bool is_module_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Of a text; none where it is no Lua.
std::vector<std::string> names_required_by(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  auto parsed = syntax::parse(text);
  auto* tree = std::get_if<std::unique_ptr<syntax::Function>>(&parsed);
  if (tree == nullptr) return {};
  auto resolved = syntax::resolve(**tree);
  const auto* scopes = std::get_if<syntax::Scopes>(&resolved);
  return scopes == nullptr ? std::vector<std::string>() : required_names(*scopes);
}

struct Search {
  const RuleFile& rule;
  const std::map<std::string, std::string>& shared;
  fs::path folder;
  OwnModules found;

  void refuse(const std::string& path, std::string what) {
    RuleMistake mistake;
    mistake.kind = RuleMistake::Kind::loading;
    mistake.file = path;
    mistake.line = 1;
    mistake.text = fmt::format("{}:1: {}", path, what);
    mistake.what = std::move(what);
    found.mistakes.push_back(std::move(mistake));
  }

  /// Does the file really lie where its name says?
  bool stays(const fs::path& path) const {
    std::error_code failure;
    const fs::path here = fs::canonical(folder.empty() ? fs::path(".") : folder, failure);
    if (failure) return false;
    const fs::path real = fs::canonical(path, failure);
    return !failure && real.parent_path() == here;
  }

  void look_for(const std::string& name) {
    if (!is_module_name(name) || found.sources.contains(name)) return;
    const fs::path path = folder / (name + ".lua");
    std::error_code failure;
    if (!fs::exists(fs::symlink_status(path, failure)) || path == fs::path(rule.path)) return;
    const std::string shown = path.string();
    if (!stays(path)) {
      refuse(shown, "this link leads out of the rule's folder, or nowhere; put the module itself there");
      return;
    }
    if (!fs::is_regular_file(path, failure) || fs::file_size(path, failure) > largest_module || failure) {
      refuse(shown, fmt::format("a module is a file of at most {} bytes that can be read", largest_module));
      return;
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (!file) {
      refuse(shown, "the module cannot be read");
      return;
    }
    std::string text = bytes.str();
    if (find_rule(text).at) return;  // a rule that happens to be called so
    if (shared.contains(name)) {
      refuse(shown, fmt::format("scripts/ has a module `{}` too, and {} requires it; give this one another name", name,
                                rule.path));
      return;
    }
    if (found.sources.size() == most_modules) {
      refuse(shown, fmt::format("a rule has at most {} modules of its own", most_modules));
      return;
    }
    const std::vector<std::string> next = names_required_by(text);
    found.sources.emplace(name, std::move(text));
    for (const std::string& one : next) look_for(one);
  }
};

}  // namespace

OwnModules find_own_modules(const RuleFile& rule, const std::map<std::string, std::string>& shared) {
  Search search{rule, shared, fs::path(rule.path).parent_path(), {}};
  for (const std::string& name : names_required_by(rule.text)) search.look_for(name);
  return std::move(search.found);
}

}  // namespace audit::lua
