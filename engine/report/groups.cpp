#include "report/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/fingerprint.hpp"
#include "base/text.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

using RuleIndex = std::map<std::string_view, const RuleRecord*>;

RuleIndex index_rules(const RunRecord& record) {
  RuleIndex index;
  for (const RuleRecord& rule : record.rules) index.emplace(rule.id, &rule);
  return index;
}

const RuleRecord* find_rule(const RuleIndex& index, std::string_view id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : found->second;
}

template <class Visit>
void each_result(const RunRecord& record, Detail detail, Statuses wanted, Visit visit) {
  for (const Check& check : record.checks.with(detail, wanted))
    for (const Finding& finding : check.results) visit(check, finding);
}

/// One rule's part of what was not judged for one reason.
struct Share {
  Names targets;
  std::uint64_t results = 0;
  std::string message;
  bool varied = false;
  std::uint64_t waived = 0;
  std::optional<WallTime> first_seen;
};

/// Of `count` names, as many of the first as are there.
template <class Name>
std::string examples(const std::vector<Name>& first, std::uint64_t count, std::size_t most) {
  const std::size_t shown_here = std::min<std::size_t>(first.size(), count > most + 1 ? most : count);
  std::string text;
  for (std::size_t i = 0; i < shown_here; ++i) text += (i == 0 ? "" : ", ") + shown(first[i], 60);
  return shown_here == count ? text : text + fmt::format(" and {} more", count - shown_here);
}

void keep_first(std::optional<WallTime>& first, const std::optional<WallTime>& other) {
  if (other && (!first || *other < *first)) first = other;
}

/// Errors say their own messages and stay apart; what was not tried is one group where the targets are the same.
std::vector<Unjudged> merge(Status status, Reason reason, const std::map<std::string, Share>& shares) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> by_targets;
  std::vector<Unjudged> groups;
  for (const auto& [rule, share] : shares) {
    if (status == Status::not_reviewed) {
      const auto [known, fresh] = by_targets.emplace(share.targets.digest(), groups.size());
      if (!fresh) {
        Unjudged& group = groups[known->second];
        group.rules.add(rule);
        group.results += share.results;
        group.waived += share.waived;
        keep_first(group.first_seen, share.first_seen);
        group.varied = group.varied || share.varied || share.message != group.message;
        continue;
      }
    }
    groups.push_back({status,
                      reason,
                      {},
                      share.targets,
                      share.results,
                      share.message,
                      share.varied,
                      share.waived,
                      share.first_seen});
    groups.back().rules.add(rule);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Unjudged& a, const Unjudged& b) { return a.results > b.results; });
  return groups;
}

}  // namespace

void Names::add(const std::string& name) {
  if (count_ > 0 && name == last_) return;
  last_ = name;
  ++count_;
  constexpr std::uint64_t prime = 1'099'511'628'211;  // of FNV-1a
  digest_ = digest_ * prime + std::hash<std::string>()(name);
  if (first_.size() < most) first_.push_back(name);
}

std::vector<SeverityFailures> failures_by_severity(const RunRecord& record) {
  const RuleIndex index = index_rules(record);
  std::array<std::map<std::string, RuleFailures>, severity_count> found;
  each_result(record, Detail::problems, {Status::fail}, [&](const Check& check, const Finding& finding) {
    if (finding.status != Status::fail) return;
    RuleFailures& failures = found[static_cast<std::size_t>(finding.severity)][check.rule];
    ++failures.count;
    if (failures.first.size() < RuleFailures::most)
      failures.first.push_back(
          {check.target, finding, fingerprint_of(check, finding), record.first_seen_of(check, finding)});
  });
  std::vector<SeverityFailures> groups;
  for (std::size_t i = severity_count; i-- > 0;) {
    if (found[i].empty()) continue;
    SeverityFailures group{static_cast<Severity>(i), 0, {}};
    for (auto& [id, failures] : found[i]) {
      group.count += failures.count;
      failures.id = id;
      failures.rule = find_rule(index, id);
      group.rules.push_back(std::move(failures));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<Unjudged> unjudged(const RunRecord& record) {
  std::map<std::pair<int, Reason>, std::map<std::string, Share>> found;
  each_result(record, Detail::results, {Status::error, Status::not_reviewed},
              [&](const Check& check, const Finding& finding) {
                if (finding.status != Status::error && finding.status != Status::not_reviewed) return;
                Share& share = found[{precedence(finding.status), finding.reason}][check.rule];
                if (share.results++ == 0) share.message = finding.message;
                share.varied = share.varied || share.message != finding.message;
                if (!finding.waiver.empty()) ++share.waived;
                keep_first(share.first_seen, record.first_seen_of(check, finding));
                share.targets.add(check.target);
              });
  std::vector<Unjudged> groups;
  for (const auto& [key, shares] : found) {
    const Status status = key.first == precedence(Status::error) ? Status::error : Status::not_reviewed;
    for (Unjudged& group : merge(status, key.second, shares)) groups.push_back(std::move(group));
  }
  return groups;
}

std::string waived_part(const Unjudged& group) {
  return group.waived == 0 ? std::string()
                           : fmt::format("; {} of {} waived", group.waived, counted(group.results, "result"));
}

std::string day_of(WallTime time) { return format_utc(time).substr(0, std::string_view("2026-11-01").size()); }

std::string since_part(const Unjudged& group) {
  return group.first_seen ? "; since " + day_of(*group.first_seen) : std::string();
}

Remarks remarks(const RunRecord& record) {
  std::map<std::pair<std::string, std::string>, Names> found;
  Remarks remarks;
  each_result(record, Detail::results, {Status::informational}, [&](const Check& check, const Finding& finding) {
    if (finding.status != Status::informational) return;
    const std::pair key(check.rule, finding.message);
    const auto known = found.find(key);
    if (known != found.end())
      known->second.add(check.target);
    else if (found.size() < Remarks::most)
      found[key].add(check.target);
    else
      ++remarks.left_out;
  });
  for (auto& [key, targets] : found) remarks.groups.push_back({key.first, key.second, std::move(targets)});
  std::stable_sort(remarks.groups.begin(), remarks.groups.end(), [](const Remark& a, const Remark& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.targets.count() > b.targets.count();
  });
  return remarks;
}

std::string examples(const std::vector<std::string_view>& names, std::size_t most) {
  return examples(names, names.size(), most);
}

std::string examples(const Names& names, std::size_t most) { return examples(names.first(), names.count(), most); }

std::vector<Tally> tallies(const RunRecord& record) {
  std::map<std::string, Tally> found;
  for (const RuleRecord& rule : record.rules) found[rule.id] = {rule.id, &rule, {}};
  for (const Check& check : record.checks.with(Detail::results)) {
    Tally& tally = found[check.rule];
    tally.id = check.rule;
    ++tally.checks[static_cast<std::size_t>(check.status())];
  }
  std::vector<Tally> rows;
  for (auto& [id, tally] : found) rows.push_back(tally);
  return rows;
}

std::map<std::string, Standing> standings(const RunRecord& record) {
  std::map<std::string, Standing> found;
  each_result(record, Detail::results, {Status::fail, Status::error, Status::not_reviewed},
              [&](const Check& check, const Finding& finding) {
                if (finding.status == Status::fail) {
                  Standing& standing = found[check.target];
                  ++standing.failures;
                  standing.worst = std::max(standing.worst, finding.severity);
                } else if (finding.status == Status::error || finding.status == Status::not_reviewed) {
                  ++found[check.target].unjudged;
                }
              });
  return found;
}

}  // namespace audit::report
