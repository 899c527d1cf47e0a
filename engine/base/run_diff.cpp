#include "base/run_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/fingerprint.hpp"

namespace audit {
namespace {

constexpr std::array<std::string_view, 13> volatile_fields{"connect_time", "rtt_min",    "rtt_avg", "rtt_max", "time",
                                                           "elapsed",      "local",      "date",    "expires", "etag",
                                                           "age",          "set-cookie", "staple"};

bool is_volatile(std::string_view name) {
  return std::find(volatile_fields.begin(), volatile_fields.end(), name) != volatile_fields.end();
}

/// FNV-1a: equal in every run of every build, as std::hash need not be.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<std::uint8_t>(c));
    step(0xff);  // no UTF-8 text has it: two texts are not one longer one
  }
  void add(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) step(static_cast<std::uint8_t>(number >> shift));
  }
  void add_value(const Value& value) {
    add(value.state().index());
    if (const auto* truth = value.get_if<bool>()) add(std::uint64_t{*truth});
    if (const auto* integer = value.get_if<std::int64_t>()) add(static_cast<std::uint64_t>(*integer));
    if (const auto* real = value.get_if<double>()) add(fmt::format("{}", *real));
    if (const auto* text = value.get_if<std::string>()) add(*text);
    if (const auto* list = value.get_if<Value::Array>())
      for (const Value& item : *list) add_value(item);
    if (const auto* object = value.get_if<Object>())
      for (const auto& [name, member] : *object) {
        if (is_volatile(name)) continue;
        add(name);
        add_value(member);
      }
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

 private:
  void step(std::uint8_t byte) {
    state_ ^= byte;
    state_ *= 0x100000001b3U;
  }
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

bool is_unseen(Status status) { return status == Status::error || status == Status::not_reviewed; }

std::uint64_t key_of(const std::string& rule, const std::string& target) {
  Digest digest;
  digest.add(rule);
  digest.add(target);
  return digest.value();
}

bool any_unseen(const Check& check) {
  return std::any_of(check.results.begin(), check.results.end(),
                     [](const Finding& finding) { return is_unseen(finding.status); });
}

DiffItem item_of(const Check& check, const Finding& finding) {
  DiffItem item;
  item.fingerprint = fingerprint_of(check, finding);
  item.rule = check.rule;
  item.target = check.target;
  item.endpoint = finding.endpoint;
  item.key = finding.key;
  item.severity = finding.severity;
  item.message = finding.message;
  item.waiver = finding.waiver;
  return item;
}

/// The worst first; then by what it is about.
void sort(std::vector<DiffItem>& items) {
  std::sort(items.begin(), items.end(), [](const DiffItem& a, const DiffItem& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return std::tie(a.rule, a.target, a.endpoint, a.key) < std::tie(b.rule, b.target, b.endpoint, b.key);
  });
}

}  // namespace

std::uint64_t stable_digest(const Finding& finding) {
  Digest digest;
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.observation && evidence.observation->probe == "sweep") continue;  // what it counts are other ports
    digest.add(evidence.label);
    digest.add_value(evidence.note);
    if (!evidence.observation) continue;
    digest.add(evidence.observation->probe);
    digest.add(evidence.observation->endpoint);
    digest.add(name_of(evidence.observation->reason));
    digest.add_value(evidence.observation->fields);
  }
  return digest.value();
}

std::uint64_t RunDiff::fresh_at(Severity least) const {
  return static_cast<std::uint64_t>(std::count_if(
      fresh.begin(), fresh.end(), [&](const DiffItem& item) { return item.waiver.empty() && item.severity >= least; }));
}

bool RunDiff::scope_changed() const {
  return !targets_came.empty() || !targets_went.empty() || !rules_came.empty() || !rules_went.empty();
}

int RunDiff::exit_code() const { return (fresh_at(Severity::info) > 0 ? 1 : 0) + (unknown.empty() ? 0 : 2); }

void Differ::before(const Check& check) {
  checks_[key_of(check.rule, check.target)] = {check.status(), any_unseen(check), false, false, check.status()};
  for (const Finding& finding : check.results) {
    if (finding.status != Status::fail) continue;
    DiffItem item = item_of(check, finding);
    std::string fingerprint = item.fingerprint;
    failures_.emplace(std::move(fingerprint), Earlier{std::move(item), stable_digest(finding), false});
  }
}

void Differ::before_target(const std::string& id) { targets_.emplace(id, false); }

void Differ::after_target(const std::string& id) {
  const auto known = targets_.find(id);
  if (known == targets_.end())
    diff_.targets_came.push_back(id);
  else
    known->second = true;
}

void Differ::after(const Check& check) {
  const auto known = checks_.find(key_of(check.rule, check.target));
  const bool unseen = any_unseen(check);
  if (known != checks_.end()) {
    known->second.asked_again = true;
    known->second.unseen_again = unseen;
    known->second.now = check.status();
    if (is_unseen(check.status())) {
      if (is_unseen(known->second.status))
        ++diff_.still_unknown;
      else
        diff_.unknown.push_back({check.rule, check.target, known->second.status, check.status(),
                                 check.foremost().reason, check.foremost().message});
    }
  }
  for (const Finding& finding : check.results) {
    if (finding.status != Status::fail) continue;
    DiffItem item = item_of(check, finding);
    const auto earlier = failures_.find(item.fingerprint);
    if (earlier == failures_.end()) {
      if (known == checks_.end())
        item.was = "not asked";
      else
        item.was = known->second.unseen ? "unknown" : name_of(known->second.status);
      diff_.fresh.push_back(std::move(item));
      continue;
    }
    const bool met = std::exchange(earlier->second.met, true);
    const DiffItem& then = earlier->second.item;
    if (!then.waiver.empty() && item.waiver.empty()) {  // nobody answers for it any more
      item.was = "waived: " + then.waiver;
      diff_.fresh.push_back(std::move(item));
      continue;
    }
    if (!met) ++diff_.still;
    if (then.message == item.message && then.severity == item.severity &&
        (words_only_ || earlier->second.evidence == stable_digest(finding))) {
      diff_.same.push_back(std::move(item));
      continue;
    }
    item.was = then.message;
    diff_.changed.push_back(std::move(item));
  }
}

void Differ::first_seen(const FirstSeen& before, const FirstSeen& after) {
  before_seen_ = &before;
  after_seen_ = &after;
}

/// The earlier of what the two sides know: a report that was kept elsewhere may know less.
void Differ::date(DiffItem& item, WallTime last) const {
  if (before_seen_ == nullptr) return;
  for (const FirstSeen* seen : {before_seen_, after_seen_})
    if (const auto known = seen->find(seen_key(item.fingerprint, Status::fail)); known != seen->end())
      item.first_seen = item.first_seen ? std::min(*item.first_seen, known->second) : known->second;
  if (item.first_seen) item.last_seen = last;
}

RunDiff Differ::finish(DiffSide before, DiffSide after) {
  for (auto& [fingerprint, earlier] : failures_) {
    if (earlier.met) continue;
    const CheckState& state = checks_.at(key_of(earlier.item.rule, earlier.item.target));
    if (!state.asked_again)
      ++diff_.failures_went;
    else if (!state.unseen_again)
      diff_.fixed.push_back(std::move(earlier.item));
    else {
      if (!is_unseen(state.now))  // else the whole check is among the unknown already
        diff_.unknown.push_back(
            {earlier.item.rule, earlier.item.target, Status::fail, Status::error, Reason::observed,
             earlier.item.endpoint + ": this part of the check was not seen: " + earlier.item.message});
      diff_.open.push_back(std::move(earlier.item));
    }
  }
  for (const auto& [id, met] : targets_)
    if (!met) diff_.targets_went.push_back(id);
  for (const auto& [id, digest] : after.rules) {
    const auto then = before.rules.find(id);
    if (then == before.rules.end())
      diff_.rules_came.push_back(id);
    else if (then->second != digest)
      diff_.rules_changed.push_back(id);
  }
  for (const auto& [id, digest] : before.rules)
    if (!after.rules.contains(id)) diff_.rules_went.push_back(id);
  for (std::vector<DiffItem>* items : {&diff_.fixed, &diff_.open})
    for (DiffItem& item : *items) date(item, before.started);
  for (std::vector<DiffItem>* items : {&diff_.fresh, &diff_.changed, &diff_.same})
    for (DiffItem& item : *items) date(item, after.started);
  for (std::vector<DiffItem>* items : {&diff_.fresh, &diff_.fixed, &diff_.changed, &diff_.same, &diff_.open})
    sort(*items);
  std::sort(diff_.unknown.begin(), diff_.unknown.end(), [](const UnknownItem& a, const UnknownItem& b) {
    return std::tie(a.rule, a.target) < std::tie(b.rule, b.target);
  });
  std::sort(diff_.targets_came.begin(), diff_.targets_came.end());
  std::sort(diff_.targets_went.begin(), diff_.targets_went.end());
  diff_.before = std::move(before);
  diff_.after = std::move(after);
  return std::move(diff_);
}

}  // namespace audit
