#pragma once

#include <cstddef>
#include <vector>

#include "syntax/tree.hpp"

namespace audit::syntax {

/// The labels and gotos of one function (reference manual section 3.3.4): a goto reaches every label that it sees, and
/// does not jump into the scope of a local. An error is thrown as SyntaxError.
class Jumps {
 public:
  /// A block begins or ends where so many locals are active.
  void enter(std::size_t active);
  void leave();
  /// `active`: of the locals at the label, or those at the block's begin where nothing follows it.
  void add_label(Label& label, Position at, std::size_t active);
  void add_goto(Goto& jump, Position at, std::size_t active);
  [[nodiscard]] std::size_t active_at_begin() const noexcept { return blocks_.back().active; }
  /// The gotos that found no label, at the end of the function.
  void finish() const;

 private:
  struct Block {
    std::size_t active;
    std::size_t labels;
    std::size_t gotos;
  };
  struct Known {
    Label* label;
    Position at;
  };
  struct Pending {
    Goto* jump;
    Position at;
    std::size_t active;
  };
  std::vector<Block> blocks_;
  std::vector<Known> labels_;     // that are seen from here
  std::vector<Pending> pending_;  // forward
};

}  // namespace audit::syntax
