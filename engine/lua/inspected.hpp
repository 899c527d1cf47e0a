#pragma once

#include <map>
#include <optional>

#include "lua/inspection.hpp"
#include "lua/vocabulary.hpp"
#include "syntax/scopes.hpp"

namespace audit::lua {

/// The modules that a rule may require, and what is known of those that some rule does.
struct Libraries {
  const RuleSet* set = nullptr;
  Names names;
  std::map<std::string, std::optional<Names>> members;
  std::map<std::string, bool> give_verdicts;  // they, or what they require in turn
};

/// One file while it is looked at.
struct Inspected {
  std::string file;
  std::string rule_id;
  const Rule* rule = nullptr;  // null: a library, or a rule that does not load
  const syntax::Function* tree = nullptr;
  const syntax::Scopes* scopes = nullptr;
  const syntax::Function* check = nullptr;    // where it is written so that it can be found
  const syntax::Function* collect = nullptr;  // likewise
  bool library = false;
  std::vector<std::string> required;  // by a name that is written out
  const Vocabulary* vocabulary = nullptr;
  Libraries* libraries = nullptr;
  std::vector<Complaint>* complaints = nullptr;

  void complain(syntax::Position at, std::string kind, bool warning, std::string text) const {
    complaints->push_back({file, at.line, at.column, rule_id, std::move(kind), warning, std::move(text)});
  }
};

/// Names that mean nothing: globals, members of what is known, words of the target, parameters, modules.
void inspect_names(const Inspected& inspected);
/// Locals, parameters, functions and labels that nothing uses.
void inspect_unused(const Inspected& inspected);
/// What no path reaches, and paths that owe their verdict.
void inspect_flow(const Inspected& inspected);

}  // namespace audit::lua
