#include "cli/watch_work.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "cli/kept_input.hpp"

namespace audit::cli {
namespace {

std::set<std::string> names_of(const core::Plan& plan) {
  std::set<std::string> names;
  for (const inventory::Entry& entry : plan.inventory->entries) names.insert("target " + entry.text);
  for (const core::PlannedRule& rule : plan.rules) names.insert("rule " + rule.record.id);
  for (const NotifySettings& notifier : plan.inventory->notifiers) names.insert("notifier " + notifier.name);
  return names;
}

}  // namespace

std::unique_ptr<WatchWork> WatchWork::prepare(const Sources& sources, bool notify, const Attempt& attempt, int& code,
                                              const WatchWork* before) {
  Sources read = sources;
  if (before != nullptr) read.seed = before->plan().seed;
  if (read.inventory == "-") rewind_input();
  const std::shared_ptr<inventory::Inventory> inventory = load_inventory(read, code);
  if (!inventory) return nullptr;
  std::unique_ptr<core::Plan> plan = prepare_plan(read, inventory, code);
  if (!plan) return nullptr;
  plan->echoes = 1;
  return std::unique_ptr<WatchWork>(new WatchWork(std::move(plan), sources, notify, attempt, before));
}

WatchWork::WatchWork(std::unique_ptr<core::Plan> plan, const Sources& sources, bool notify, const Attempt& attempt,
                     const WatchWork* before)
    : plan_(std::move(plan)), runner_(*plan_, sources.allow_commands, attempt) {
  if (!notify || plan_->inventory->notifiers.empty()) return;
  notifying_.emplace(*plan_->inventory, sources.allow_commands);
  if (before != nullptr && before->notifying_) notifying_->inherit(*before->notifying_);
}

WatchDifference difference_of(const core::Plan& before, const core::Plan& now) {
  const std::set<std::string> then = names_of(before);
  const std::set<std::string> there = names_of(now);
  WatchDifference difference;
  std::set_difference(there.begin(), there.end(), then.begin(), then.end(), std::back_inserter(difference.came));
  std::set_difference(then.begin(), then.end(), there.begin(), there.end(), std::back_inserter(difference.went));
  return difference;
}

}  // namespace audit::cli
