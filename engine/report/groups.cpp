#include "report/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
void each_result(const RunRecord& record, Visit visit) {
  for (const Check& check : record.checks)
    for (const Finding& finding : check.results) visit(check, finding);
}

/// Adds a target once; the checks of one target come one after the other.
void add_target(std::vector<std::string_view>& targets, std::string_view target) {
  if (targets.empty() || targets.back() != target) targets.push_back(target);
}

/// One rule's part of what was not judged for one reason.
struct Share {
  std::vector<std::string_view> targets;
  std::uint64_t results = 0;
  std::string_view message;
  bool varied = false;
  std::uint64_t waived = 0;
  std::optional<WallTime> first_seen;
};

void keep_first(std::optional<WallTime>& first, const std::optional<WallTime>& other) {
  if (other && (!first || *other < *first)) first = other;
}

/// Errors say their own messages and stay apart; what was not tried is one group where the targets are the same.
std::vector<Unjudged> merge(Status status, Reason reason, const std::map<std::string_view, Share>& shares) {
  std::map<std::vector<std::string_view>, std::size_t> by_targets;
  std::vector<Unjudged> groups;
  for (const auto& [rule, share] : shares) {
    if (status == Status::not_reviewed) {
      const auto [known, fresh] = by_targets.emplace(share.targets, groups.size());
      if (!fresh) {
        groups[known->second].rules.push_back(rule);
        Unjudged& group = groups[known->second];
        group.results += share.results;
        group.waived += share.waived;
        keep_first(group.first_seen, share.first_seen);
        group.varied = group.varied || share.varied || share.message != group.message;
        continue;
      }
    }
    groups.push_back({status,
                      reason,
                      {rule},
                      share.targets,
                      share.results,
                      share.message,
                      share.varied,
                      share.waived,
                      share.first_seen});
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Unjudged& a, const Unjudged& b) { return a.results > b.results; });
  return groups;
}

}  // namespace

std::vector<SeverityFailures> failures_by_severity(const RunRecord& record) {
  const RuleIndex index = index_rules(record);
  std::array<std::map<std::string_view, std::vector<FindingRef>>, severity_count> found;
  each_result(record, [&](const Check& check, const Finding& finding) {
    if (finding.status == Status::fail)
      found[static_cast<std::size_t>(finding.severity)][check.rule].push_back(
          {&check, &finding, record.first_seen_of(check, finding)});
  });
  std::vector<SeverityFailures> groups;
  for (std::size_t i = severity_count; i-- > 0;) {
    if (found[i].empty()) continue;
    SeverityFailures group{static_cast<Severity>(i), 0, {}};
    for (auto& [id, findings] : found[i]) {
      group.count += findings.size();
      group.rules.push_back({id, find_rule(index, id), std::move(findings)});
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<Unjudged> unjudged(const RunRecord& record) {
  std::map<std::pair<int, Reason>, std::map<std::string_view, Share>> found;
  each_result(record, [&](const Check& check, const Finding& finding) {
    if (finding.status != Status::error && finding.status != Status::not_reviewed) return;
    Share& share = found[{precedence(finding.status), finding.reason}][check.rule];
    if (share.results++ == 0) share.message = finding.message;
    share.varied = share.varied || share.message != finding.message;
    if (!finding.waiver.empty()) ++share.waived;
    keep_first(share.first_seen, record.first_seen_of(check, finding));
    add_target(share.targets, check.target);
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

std::vector<Remark> remarks(const RunRecord& record) {
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::string_view>> found;
  each_result(record, [&](const Check& check, const Finding& finding) {
    if (finding.status == Status::informational) add_target(found[{check.rule, finding.message}], check.target);
  });
  std::vector<Remark> groups;
  for (auto& [key, targets] : found) groups.push_back({key.first, key.second, std::move(targets)});
  std::stable_sort(groups.begin(), groups.end(), [](const Remark& a, const Remark& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.targets.size() > b.targets.size();
  });
  return groups;
}

std::string examples(const std::vector<std::string_view>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == most && names.size() > most + 1) return text + fmt::format(" and {} more", names.size() - most);
    text += (i == 0 ? "" : ", ") + shown(names[i], 60);
  }
  return text;
}

std::vector<Tally> tallies(const RunRecord& record) {
  std::map<std::string_view, Tally> found;
  for (const RuleRecord& rule : record.rules) found[rule.id] = {rule.id, &rule, {}};
  for (const Check& check : record.checks) {
    Tally& tally = found.try_emplace(check.rule, Tally{check.rule, nullptr, {}}).first->second;
    ++tally.checks[static_cast<std::size_t>(check.status())];
  }
  std::vector<Tally> rows;
  for (auto& [id, tally] : found) rows.push_back(tally);
  return rows;
}

std::map<std::string_view, Standing> standings(const RunRecord& record) {
  std::map<std::string_view, Standing> found;
  each_result(record, [&](const Check& check, const Finding& finding) {
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
