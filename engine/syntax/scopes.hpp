#pragma once

#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "syntax/tree.hpp"

namespace audit::syntax {

/// A variable that the text declares.
struct Local {
  enum class Kind : std::uint8_t { variable, function, parameter, self, loop };
  std::size_t number = 0;  // in the order of the text
  Position at;
  std::string name;
  Kind kind = Kind::variable;
  Attribute attribute = Attribute::none;
  const Function* owner = nullptr;     // in which it is declared
  const Expression* value = nullptr;   // what it is declared with, where that is one to one
  const Function* function = nullptr;  // what it holds from its declaration on, where that is a function
  std::size_t reads = 0;               // but those within `function` itself
  std::size_t writes = 0;              // after the declaration
  bool written_by_inner = false;       // by a function within its owner
  std::size_t place = 0;               // of a parameter or a loop's variable: which, from 0
};

/// Something that is asked of a name: a global as such, and what stands behind the dot or the colon of any name.
struct Use {
  struct Step {
    std::string name;
    Position at;
    bool method = false;
  };
  static constexpr std::size_t most_steps = 2;

  Position at;
  std::string name;
  const Local* local = nullptr;  // null: a global
  bool own_globals = false;      // of an `_ENV` that the text itself declares
  std::vector<Step> steps;       // the first two, as far as they are written out: a.b, a:b, a["b"]
  bool sets = false;             // the last of them, or the name where there is none, is assigned to
  const Function* within = nullptr;
  const String* argument = nullptr;  // of a call with one string: require "x"
};

struct Scopes {
  std::deque<Local> locals;
  std::vector<Use> uses;
  std::vector<const Function*> functions;  // the text itself first, an outer one before its inner ones
  std::vector<const Function*> parents;    // of each; null for the text
  struct UnusedLabel {
    Position at;
    std::string name;
  };
  std::vector<UnusedLabel> unused_labels;
};

/// Says of each name what it means, and checks what Lua checks beyond the grammar: labels and gotos, `break`, constants.
/// Writes into the tree, which outlives the result.
[[nodiscard]] std::variant<Scopes, SyntaxError> resolve(Function& text);

}  // namespace audit::syntax
