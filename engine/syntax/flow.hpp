#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "syntax/scopes.hpp"

namespace audit::syntax {

/// What the functions that a text finds ready do to the path that calls them.
struct FlowWords {
  std::set<std::string, std::less<>> verdicts;  // give the verdict that a check owes, and a true value
  std::set<std::string, std::less<>> enders;    // never return
  std::set<std::string, std::less<>> globals;   // all there are; a call of another is a mistake of its own
  bool strangers = false;                       // functions of other files may give it too
};

/// Where a check can end and owes its verdict.
struct MissingVerdict {
  Position at;  // a `return`, or the `end` of the function
  bool at_end = false;
};

struct Flow {
  std::vector<Position> unreachable;  // the first statement of each piece, in the order of the text
  std::vector<MissingVerdict> missing;
  bool given_up = false;  // it branches too much to be followed: nothing above is complete
};

/// Follows every path through the text's functions, and through `check` (null: none) whether it gives its verdict. What
/// cannot be known, such as a function from a table, is taken to give one: no path is called missing that need not be.
[[nodiscard]] Flow follow(const Function& text, const Scopes& scopes, const FlowWords& words, const Function* check);

}  // namespace audit::syntax
