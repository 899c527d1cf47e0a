#include "syntax/jumps.hpp"

#include <algorithm>

namespace audit::syntax {
namespace {

constexpr std::size_t most_at_once = 32'767;  // as Lua's own limit, which is that of a short

}  // namespace

void Jumps::enter(std::size_t active) { blocks_.push_back({active, labels_.size(), pending_.size()}); }

void Jumps::leave() {
  const Block block = blocks_.back();
  blocks_.pop_back();
  labels_.resize(block.labels);
  for (std::size_t i = block.gotos; i < pending_.size(); ++i)
    pending_[i].active = std::min(pending_[i].active, block.active);
}

void Jumps::add_label(Label& label, Position at, std::size_t active) {
  for (const Known& known : labels_)
    if (known.label->name == label.name)
      throw SyntaxError{at, "label `" + label.name + "` is already at line " + std::to_string(known.at.line)};
  if (labels_.size() == most_at_once) throw SyntaxError{at, "there are too many labels"};
  labels_.push_back({&label, at});
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(blocks_.back().gotos);
  const auto waits =
      std::partition(begin, pending_.end(), [&](const Pending& pending) { return pending.jump->name != label.name; });
  for (auto pending = waits; pending != pending_.end(); ++pending) {
    if (pending->active < active)
      throw SyntaxError{pending->at, "goto `" + label.name + "` jumps into the scope of a local variable"};
    pending->jump->target = &label;
    label.used = true;
  }
  pending_.erase(waits, pending_.end());
}

void Jumps::add_goto(Goto& jump, Position at, std::size_t active) {
  for (const Known& known : labels_) {
    if (known.label->name != jump.name) continue;
    jump.target = known.label;
    known.label->used = true;
    return;
  }
  if (pending_.size() == most_at_once) throw SyntaxError{at, "there are too many gotos"};
  pending_.push_back({&jump, at, active});
}

void Jumps::finish() const {
  if (!pending_.empty())
    throw SyntaxError{pending_.front().at, "goto `" + pending_.front().jump->name + "` sees no such label"};
}

}  // namespace audit::syntax
