#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "lua/find_rule.hpp"
#include "lua/own_modules.hpp"
#include "lua/reading.hpp"
#include "lua/rule.hpp"
#include "lua/rule_fields.hpp"

namespace audit::lua {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1U << 20U;

/// Where a field is written, else where the rule's table is; line 1 where the text does not tell.
syntax::Position place_of(std::string_view text, std::string_view field) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  const FoundRule found = find_rule(text);
  const auto known = found.fields.find(field);
  return known != found.fields.end() ? known->second : found.at.value_or(syntax::Position{1, 0});
}

/// Of a message such as "file:3: what".
RuleMistake mistake_of(RuleMistake::Kind kind, const std::string& path, std::string text) {
  RuleMistake mistake{std::move(text), kind, path, 0, 0, {}};
  std::string_view rest = mistake.text;
  if (rest.starts_with(path + ":")) rest.remove_prefix(path.size() + 1);
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), mistake.line);
  if (failure == std::errc() && end != rest.data() + rest.size() && *end == ':') {
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  } else {
    mistake.line = 0;
  }
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  mistake.what = rest;
  return mistake;
}

void add_mistake(LoadedRules& loaded, const Source& source, const FieldMistake& mistake, RuleMistake::Kind kind) {
  const syntax::Position at = place_of(source.text, mistake.field);
  const std::string what = mistake.field.empty() ? "the rule's table " + mistake.text
                                                 : fmt::format("`{}` {}", visible(mistake.field), mistake.text);
  RuleMistake one = mistake_of(kind, source.path, fmt::format("{}:{}: {}", source.path, at.line, what));
  one.column = at.column;
  loaded.mistakes.push_back(std::move(one));
}

void load_one(LoadedRules& loaded, Source source, std::map<std::string, std::string> modules,
              const std::string& shown) {
  auto rule = std::make_shared<Rule>();
  Reading reading;
  source.modules = &modules;
  const std::string failure = reading.run(source, loaded.set);
  if (!failure.empty()) {
    loaded.mistakes.push_back(mistake_of(RuleMistake::Kind::loading, source.path, failure));
    return;
  }
  const std::vector<FieldMistake> mistakes = read_rule_fields(reading.state(), -1, *rule);
  for (const FieldMistake& mistake : mistakes) add_mistake(loaded, source, mistake, RuleMistake::Kind::metadata);
  if (!mistakes.empty()) return;
  const auto same = std::find_if(loaded.set.rules.begin(), loaded.set.rules.end(),
                                 [&](const auto& other) { return other->record.id == rule->record.id; });
  if (same != loaded.set.rules.end()) {
    add_mistake(loaded, source, {"id", fmt::format("`{}` is already the id of {}", rule->record.id, (*same)->path)},
                RuleMistake::Kind::duplicate);
    return;
  }
  rule->path = source.path;
  rule->folder = fs::path(source.path).parent_path().string();
  rule->record.file = shown;
  rule->record.sha256 = sha256_hex(source.text);
  rule->source = std::move(source.text);
  rule->modules = std::move(modules);
  loaded.set.rules.push_back(std::move(rule));
}

bool read_file(const std::string& path, std::string& text, std::string& problem) {
  std::error_code failure;
  if (fs::exists(path, failure) && !fs::is_regular_file(path, failure)) {
    problem = path + ": is no file";
    return false;
  }
  const std::uintmax_t size = fs::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    problem = fmt::format("{}: cannot be read: {}", path, failure ? failure.message() : "permission denied");
    return false;
  }
  if (!failure && size > largest_file) {
    problem = fmt::format("{}: is {} bytes long; a rule file is at most 1 MiB", path, size);
    return false;
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  text = bytes.str();
  return true;
}

std::vector<std::string> files_below(const std::string& path, std::string& problem) {
  std::error_code failure;
  if (!fs::exists(path, failure)) {
    problem = path + ": there is no such rule file or folder";
    return {};
  }
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (auto it = fs::recursive_directory_iterator(path, failure); !failure && it != fs::recursive_directory_iterator();
       it.increment(failure)) {
    const std::string file = it->path().string();
    if (it->is_regular_file(failure) && file.ends_with(".lua") && !file.ends_with("_test.lua")) files.push_back(file);
  }
  if (failure) problem = fmt::format("{}: cannot be read: {}", path, failure.message());
  if (files.empty() && problem.empty()) problem = path + ": holds no rule (*.lua)";
  std::sort(files.begin(), files.end());
  return files;
}

/// A file of a folder of rules.
struct Candidate {
  RuleFile file;
  std::string shown;
};

/// Loads those that are rules; a file that one beside it requires is no rule, but its module.
void load_all(LoadedRules& loaded, std::vector<Candidate> candidates) {
  std::set<std::string> modules;
  std::vector<OwnModules> own;
  for (const Candidate& candidate : candidates) {
    own.push_back(find_own_modules(candidate.file, loaded.set.modules));
    const fs::path folder = fs::path(candidate.file.path).parent_path();
    for (const auto& [name, text] : own.back().sources) modules.insert((folder / (name + ".lua")).string());
    for (const RuleMistake& mistake : own.back().mistakes) modules.insert(mistake.file);
  }
  std::set<std::string> told;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    RuleFile& file = candidates[i].file;
    if (modules.contains(file.path)) continue;
    loaded.files.push_back(file);
    for (RuleMistake& mistake : own[i].mistakes)
      if (told.insert(mistake.text).second) loaded.mistakes.push_back(std::move(mistake));
    if (!own[i].mistakes.empty()) continue;
    Source source{std::move(file.path), std::move(file.text)};
    load_one(loaded, std::move(source), std::move(own[i].sources), candidates[i].shown);
  }
}

}  // namespace

LoadedRules load_rules(const std::vector<std::string>& paths, const std::string& scripts) {
  LoadedRules loaded;
  std::error_code ignored;
  if (!scripts.empty() && fs::is_directory(scripts, ignored)) {
    std::string problem;
    for (const fs::directory_entry& entry : fs::directory_iterator(scripts, ignored)) {
      std::string text;
      if (entry.path().extension() == ".lua" && read_file(entry.path().string(), text, problem))
        loaded.set.modules[entry.path().stem().string()] = std::move(text);
    }
  }
  for (const std::string& path : paths) {
    std::string problem;
    std::vector<Candidate> candidates;
    for (const std::string& file : files_below(path, problem)) {
      RuleFile read{file, {}};
      if (!read_file(file, read.text, problem)) break;
      const bool folder = fs::is_directory(path, ignored);
      candidates.push_back(
          {std::move(read), folder ? fs::relative(file, path, ignored).string() : fs::path(file).filename().string()});
    }
    load_all(loaded, std::move(candidates));
    if (!problem.empty()) loaded.mistakes.push_back(mistake_of(RuleMistake::Kind::unreadable, path, problem));
  }
  std::sort(loaded.set.rules.begin(), loaded.set.rules.end(),
            [](const auto& a, const auto& b) { return a->record.id < b->record.id; });
  return loaded;
}

}  // namespace audit::lua
