#include <algorithm>

#include "audit/target_run.hpp"
#include "probe/answer_cache.hpp"

// A target that stays open: what has ended is handed on while the rest goes on, and taken over by who goes on with the run.

namespace audit::core {
namespace {

constexpr Duration least_age = std::chrono::milliseconds(250);  // of what is told; most targets have closed by then
constexpr Duration together = std::chrono::milliseconds(100);   // all of a shard, so that they are committed together

/// The next of the instants at which parts are handed on.
Instant next_turn(Instant now) {
  const Duration due = now.time_since_epoch() + least_age;
  return Instant(due - due % together + together);
}

bool was_stopped(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.reason == Reason::stopped; });
}

}  // namespace

void TargetRun::PartTimer::expired(net::Expiry why) {
  if (why == net::Expiry::deadline) run_.hand_on_part();
}

void TargetRun::note_progress() {
  if (parts_ == nullptr || services_.world.stopped()) return;
  if (!part_timer_) part_timer_.emplace(*this);
  if (!part_timer_->waiting()) services_.world.deadlines().add(*part_timer_, next_turn(services_.world.now()));
}

SweptMessage TargetRun::swept() const {
  SweptMessage swept;
  swept.time = swept_at_;
  for (const IpAddress& host : target_->swept()->hosts())
    swept.hosts.emplace_back(host, target_->swept()->ports_of(host));
  swept.discovery = discovery_;
  swept.tarpits = tarpits_;
  const std::vector<probe::Lively>& lively = target_->lively();
  swept.lively.assign(lively.begin(), lively.begin() + static_cast<std::ptrdiff_t>(lively_then_));
  return swept;
}

void TargetRun::tell_sweep(PartMessage& part) {
  const std::vector<probe::Lively>& lively = target_->lively();
  if (!sweep_told_ && target_->swept() != nullptr && !sweep_was_cut_off()) {
    part.swept = swept();
    sweep_told_ = true;
    lively_told_ = lively_then_;
  }
  if (!sweep_told_) return;
  part.lively.assign(lively.begin() + static_cast<std::ptrdiff_t>(lively_told_), lively.end());
  lively_told_ = lively.size();
}

void TargetRun::tell_ended(PartMessage& part) {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != Slot::ended) continue;
    slots_[slot] = Slot::told;
    if (plan_.is_of_run(rules_[slot]))
      part.collected.push_back(collected_of(slot, collected_[slot]));
    else
      part.checks.push_back(message_.checks[slot]);
  }
}

void TargetRun::hand_on_part() {
  PartMessage part;
  part.member = member_;
  if (resolution_) part.resolutions.push_back(std::move(*resolution_));
  resolution_.reset();
  if (!slots_.empty()) {
    tell_sweep(part);
    tell_ended(part);
    part.answers = target_->answers().take_new();
  }
  if (part.resolutions.empty() && !part.swept && part.lively.empty() && part.checks.empty() && part.collected.empty() &&
      part.answers.empty())
    return;
  part.counted = services_.newly_counted();
  parts_->deliver_part(part);
}

void TargetRun::go_on_from(const Earlier& earlier) {
  earlier_ = &earlier;
  before_ = earlier.of(member_.ordinal);
}

void TargetRun::take_over_answers() {
  if (before_ != nullptr)
    for (const probe::KeptAnswer& answer : before_->answers) target_->answers().restore(answer);
  if (parts_ != nullptr) target_->answers().on_kept([this] { note_progress(); });
}

bool TargetRun::take_over(std::uint32_t slot) {
  if (before_ == nullptr) return false;
  const std::uint32_t rule = rules_[slot];
  const auto ended = std::find_if(before_->checks.begin(), before_->checks.end(),
                                  [&](const Check& check) { return check.rule_ordinal == rule; });
  const auto collected = std::find_if(before_->collected.begin(), before_->collected.end(),
                                      [&](const CollectedMessage& one) { return one.rule_ordinal == rule; });
  if (ended != before_->checks.end()) {
    message_.checks[slot] = *ended;
  } else if (collected != before_->collected.end()) {
    collected_[slot] = collected->target.collected;
    if (collected->missing)
      message_.checks[slot].results = {blind_finding(*collected->missing, plan_.rules[rule].record.severity)};
  } else {
    return false;
  }
  slots_[slot] = Slot::told;
  return true;
}

void TargetRun::note_ended(std::uint32_t slot) {
  if (services_.world.stopped() || was_stopped(message_.checks[slot].results)) return;
  slots_[slot] = Slot::ended;
}

}  // namespace audit::core
