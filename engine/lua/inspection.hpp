#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace audit::lua {

/// Something in a rule's file, or in a library that it requires, that its author has to look at.
struct Complaint {
  std::string file;
  std::uint32_t line = 0;    // 0: the file as a whole
  std::uint32_t column = 0;  // in bytes, from 1; 0: not known
  std::string rule;          // its id; "" of a library, or where none could be read
  std::string kind;          // a word for programs: undefined-global, unused, …
  bool warning = false;      // the rule runs all the same
  std::string text;          // what, and what to do
};

struct Inspection {
  std::vector<Complaint> complaints;  // by file, line and column
  std::size_t files = 0;              // of rules
  std::size_t modules = 0;            // that they require
};

/// Loads each rule as load_rules does, and looks at its text: names that mean nothing, what is never used or never
/// reached, a check that can end without its verdict. Runs no `check`, sends nothing.
[[nodiscard]] Inspection inspect_rules(const std::vector<std::string>& paths, const std::string& scripts);

}  // namespace audit::lua
