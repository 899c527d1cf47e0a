#include "audit/not_asked.hpp"

#include "audit/plan.hpp"
#include "audit/sink.hpp"

namespace audit::core {

void NotAskedTally::count(const TargetMessage& message) {
  if (message.fate != Fate::target) return;
  const std::lock_guard lock(mutex_);
  ++targets_;
  for (const NotAsked& one : message.not_asked) {
    Part& part = parts_[{one.rule, one.by}];
    if (part.count++ > 0 && part.ordinal <= message.record.ordinal) continue;
    part.example = message.record.id;
    part.ordinal = message.record.ordinal;
  }
}

std::vector<LeftOut> NotAskedTally::parts(const Plan& plan) const {
  std::vector<LeftOut> parts;
  if (plan.inventory->left_out) parts.push_back(*plan.inventory->left_out);
  const std::lock_guard lock(mutex_);
  for (const auto& [key, part] : parts_) {
    const auto& [rule, by] = key;
    LeftOut& left_out = parts.emplace_back();
    left_out.by = by;
    if (rule != NotAsked::every_rule) left_out.rule = plan.rules[rule].record.id;
    left_out.count = part.count;
    left_out.of = targets_;
    left_out.example = part.example;
  }
  return parts;
}

}  // namespace audit::core
