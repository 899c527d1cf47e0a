#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/controls.hpp"
#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::lua {

/// What a rule's `check` runs once for.
enum class Scope : std::uint8_t { target, endpoint, run };

[[nodiscard]] std::string_view name_of(Scope scope) noexcept;

/// A parameter that a rule declares.
struct Param {
  std::string type;  // integer, number, string, boolean
  Value fallback;
  std::string help;
};

/// A rule as its file declares it. Immutable; shared by all shards, each of which compiles the source for itself.
struct Rule {
  RuleRecord record;
  Scope scope = Scope::target;
  bool requires_nothing = false;           // `requires = "nothing"`: runs on silent and unresolved targets too
  Status absent = Status::not_applicable;  // the verdict where every port is closed, or filtered on a living host
  std::map<std::string, Param> params;
  std::string path;  // as messages name the file
  std::string folder;
  std::map<std::string, std::string> modules;  // of its folder, by name: what `require` finds besides those of scripts/
  std::string source;
};

/// One mistake in a rule file.
struct RuleMistake {
  enum class Kind : std::uint8_t { unreadable, loading, metadata, duplicate };
  std::string text;  // as the user sees it: "file:line: what, and what to write instead"
  Kind kind = Kind::unreadable;
  std::string file;          // as messages name it; the first of the text
  std::uint32_t line = 0;    // 0: the text names none
  std::uint32_t column = 0;  // in bytes, from 1; 0: not known
  std::string what;          // the rest of the text
};

/// All the rules of a run, and the modules they may require.
struct RuleSet {
  std::vector<std::shared_ptr<const Rule>> rules;  // by id
  std::map<std::string, std::string> modules;      // name to source text, from scripts/
  Controls controls;                               // that the rules speak to, where whoever loads them wants to know
};

/// A file that was read, whether it is a rule or not.
struct RuleFile {
  std::string path;
  std::string text;
};

struct LoadedRules {
  RuleSet set;
  std::vector<RuleMistake> mistakes;
  std::vector<RuleFile> files;
};

/// Loads every *.lua below each folder (tests, `*_test.lua`, aside) or each file named, in the order of their paths, and
/// the modules of `scripts`. Every rule's metadata is validated; two rules of one id are a mistake. Never sends anything.
[[nodiscard]] LoadedRules load_rules(const std::vector<std::string>& paths, const std::string& scripts);

/// May a rule be called so: words of a-z, 0-9 and -, two or more, joined by dots?
[[nodiscard]] bool is_rule_id(std::string_view id);

/// A rule's parameters for a target: defaults, overridden by what the inventory sets. Error names the bad parameter.
[[nodiscard]] Result<Value::Object> resolve_params(const Rule& rule, const Value::Object& given);

}  // namespace audit::lua
