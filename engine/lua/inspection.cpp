#include "lua/inspection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "lua/find_rule.hpp"
#include "lua/inspected.hpp"
#include "lua/own_modules.hpp"
#include "lua/rule.hpp"
#include "syntax/parser.hpp"

namespace audit::lua {
namespace {

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

/// A text that was parsed, and what its names mean; nothing where it is no Lua.
struct Parsed {
  std::unique_ptr<syntax::Function> tree;
  syntax::Scopes scopes;
  std::optional<syntax::SyntaxError> error;
};

Parsed parse(std::string_view text) {
  Parsed parsed;
  auto tree = syntax::parse(without_mark(text));
  if (auto* error = std::get_if<syntax::SyntaxError>(&tree)) {
    parsed.error = std::move(*error);
    return parsed;
  }
  parsed.tree = std::move(std::get<std::unique_ptr<syntax::Function>>(tree));
  auto scopes = syntax::resolve(*parsed.tree);
  if (auto* error = std::get_if<syntax::SyntaxError>(&scopes)) {
    parsed.error = std::move(*error);
  } else {
    parsed.scopes = std::move(std::get<syntax::Scopes>(scopes));
  }
  return parsed;
}

class RuleInspection {
 public:
  RuleInspection(const LoadedRules& loaded, std::string scripts)
      : loaded_(loaded), scripts_(std::move(scripts)), vocabulary_(Vocabulary::read()) {
    shared_.set.modules = loaded.set.modules;
    shared_.know();
  }

  Inspection whole() {
    result_.files = loaded_.files.size();
    for (const RuleFile& file : loaded_.files) {
      const auto known = std::find_if(loaded_.set.rules.begin(), loaded_.set.rules.end(), [&](const auto& rule) {
        return rule->path == file.path && rule->source == file.text;
      });
      look_beside(file);
      inspect(file.path, file.text, known != loaded_.set.rules.end() ? known->get() : nullptr, false);
    }
    for (const RuleMistake& mistake : loaded_.mistakes) add(mistake);
    std::stable_sort(result_.complaints.begin(), result_.complaints.end(), [](const auto& a, const auto& b) {
      return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    // A library that rules of several folders require was looked at for each.
    const auto same = [](const Complaint& a, const Complaint& b) {
      return std::tie(a.file, a.line, a.column, a.kind, a.text) == std::tie(b.file, b.line, b.column, b.kind, b.text);
    };
    result_.complaints.erase(std::unique(result_.complaints.begin(), result_.complaints.end(), same),
                             result_.complaints.end());
    result_.modules = module_files_.size();
    return std::move(result_);
  }

 private:
  /// What the rules of one folder may require.
  struct Shelf {
    RuleSet set;  // modules only
    std::map<std::string, std::string> own;
    std::string folder;
    Libraries libraries;

    void know() {
      libraries.set = &set;
      for (const auto& [name, text] : set.modules) libraries.names.insert(name);
    }
  };

  /// Takes the shelf that a rule's file may require from.
  void look_beside(const RuleFile& file) {
    OwnModules own = find_own_modules(file, loaded_.set.modules);
    shelf_ = &shared_;
    if (own.sources.empty()) return;
    auto shelf = std::make_unique<Shelf>();
    shelf->set.modules = loaded_.set.modules;
    shelf->set.modules.insert(own.sources.begin(), own.sources.end());
    shelf->own = std::move(own.sources);
    shelf->folder = std::filesystem::path(file.path).parent_path().string();
    shelf->know();
    shelf_ = shelf.get();
    shelves_.push_back(std::move(shelf));
  }

  void inspect(const std::string& path, const std::string& text, const Rule* rule, bool library) {
    const Parsed parsed = parse(text);
    if (parsed.error) {
      // Lua's own compiler says the same, and says it of every rule; of a library nobody else does.
      errors_[path] = *parsed.error;
      if (rule != nullptr || library)
        result_.complaints.push_back(
            {path, parsed.error->at.line, parsed.error->at.column, {}, "syntax", false, parsed.error->what});
      return;
    }
    Inspected one;
    one.file = path;
    one.rule = rule;
    one.library = library;
    one.tree = parsed.tree.get();
    one.scopes = &parsed.scopes;
    one.vocabulary = &vocabulary_;
    one.libraries = &shelf_->libraries;
    one.complaints = &result_.complaints;
    one.required = required_names(parsed.scopes);
    if (!library) {
      const FoundRule found = find_rule(*parsed.tree);
      one.check = found.check;
      one.collect = found.collect;
      one.rule_id = rule != nullptr ? rule->record.id : found.id;
    }
    ids_[path] = one.rule_id;
    for (const std::string& name : one.required) look_at_module(name);
    inspect_names(one);
    inspect_unused(one);
    inspect_flow(one);
    if (!library) return;
    gives_ = std::any_of(parsed.scopes.uses.begin(), parsed.scopes.uses.end(), [&](const syntax::Use& use) {
      return use.local == nullptr && vocabulary_.verdicts.contains(use.name);
    });
    for (const std::string& name : one.required) gives_ = gives_ || shelf_->libraries.give_verdicts[name];
  }

  /// Once each; modules may require one another in a ring.
  void look_at_module(const std::string& name) {
    const auto found = shelf_->set.modules.find(name);
    Libraries& libraries = shelf_->libraries;
    if (found == shelf_->set.modules.end() || !libraries.give_verdicts.try_emplace(name, false).second) return;
    const bool own = shelf_->own.contains(name);
    const std::filesystem::path file = std::filesystem::path(own ? shelf_->folder : scripts_) / (name + ".lua");
    module_files_.insert(file.string());
    gives_ = false;
    inspect(file.string(), found->second, nullptr, true);
    libraries.give_verdicts[name] = gives_;
    libraries.members[name] = members_of_module(shelf_->set, name);
  }

  void add(const RuleMistake& mistake) {
    Complaint complaint{mistake.file, mistake.line, mistake.column, ids_[mistake.file], "", false, mistake.what};
    const auto error = errors_.find(mistake.file);
    switch (mistake.kind) {
      case RuleMistake::Kind::unreadable: complaint.kind = "unreadable"; break;
      case RuleMistake::Kind::loading:
        complaint.kind = error != errors_.end() ? "syntax" : "loading";
        if (error != errors_.end() && error->second.at.line == mistake.line) complaint.column = error->second.at.column;
        break;
      case RuleMistake::Kind::metadata: complaint.kind = "metadata"; break;
      case RuleMistake::Kind::duplicate: complaint.kind = "duplicate-id"; break;
    }
    result_.complaints.push_back(std::move(complaint));
  }

  const LoadedRules& loaded_;
  std::string scripts_;
  Vocabulary vocabulary_;
  Shelf shared_;
  std::vector<std::unique_ptr<Shelf>> shelves_;  // of files with modules beside them
  Shelf* shelf_ = &shared_;                      // of the file that is looked at
  std::set<std::string> module_files_;
  Inspection result_;
  std::map<std::string, syntax::SyntaxError> errors_;  // by file
  std::map<std::string, std::string> ids_;             // likewise, of rules that do not load too
  bool gives_ = false;                                 // may the module that was looked at last give a verdict?
};

}  // namespace

Inspection inspect_rules(const std::vector<std::string>& paths, const std::string& scripts) {
  const LoadedRules loaded = load_rules(paths, scripts);
  return RuleInspection(loaded, scripts).whole();
}

}  // namespace audit::lua
