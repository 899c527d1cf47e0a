#include "report/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "base/text.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

/// Do the counts say what the checks say, and sum to the plan (law 1)?
bool sound(const RunRecord& record) {
  const Summary& summary = record.summary;
  Summary recount;
  for (const Check& check : record.checks.with(Detail::results)) recount.count(check);
  const std::uint64_t sum = std::accumulate(summary.checks.begin(), summary.checks.end(), std::uint64_t{0});
  return sum == summary.planned && recount.checks == summary.checks && recount.results == summary.results &&
         recount.failures == summary.failures && recount.waived == summary.waived &&
         recount.waived_failures == summary.waived_failures && recount.waived_unseen == summary.waived_unseen;
}

std::string failures_in(const RunRecord& record) {
  std::uint64_t targets = 0;
  record.checks.by_target(Detail::results,
                          [&](std::span<const Check> checks) {
                            if (std::any_of(checks.begin(), checks.end(),
                                            [](const Check& check) { return check.status() == Status::fail; }))
                              ++targets;
                          },
                          {Status::fail});
  const std::uint64_t failures = record.summary.results[static_cast<std::size_t>(Status::fail)];
  const std::uint64_t checks = record.summary.of(Status::fail);
  std::string text = counted(failures, "failure");
  if (checks != failures) text += " in " + counted(checks, "check");  // which the counts by status are of
  text += " on " + counted(targets, "target");
  if (record.summary.waived > 0) text += fmt::format(" ({} waived)", record.summary.waived);
  return text;
}

/// "3 of 40 checks could not be judged", or "".
std::string blind_part(const Summary& summary) {
  const std::uint64_t blind = summary.planned - judged(summary);
  if (blind == 0) return {};
  const std::string away = summary.waived_unseen == 0
                               ? std::string()
                               : fmt::format(" ({} of hosts known to be away)", summary.waived_unseen);
  return fmt::format("{} of {} could not be judged{}", blind, counted(summary.planned, "check"), away);
}

std::string also(std::string first, const std::string& second) {
  if (!first.empty() && !second.empty()) first += "; ";
  return first + second;
}

/// "2 of 5 targets were left out by --limit", or "".
std::string limited_part(const RunRecord& record) {
  for (const LeftOut& part : record.left_out)
    if (part.by == LeftOutBy::limit) return words_of(part);
  return {};
}

/// Why the run is not the whole of what was planned, or "".
std::string incompleteness(const RunRecord& record) {
  const Summary& summary = record.summary;
  if (!sound(record)) return "the counts do not agree with the checks: do not rely on this report";
  if (summary.planned == 0) return "nothing was planned, so nothing was asked";
  if (!record.run.complete) {
    if (record.run.stopped_by.empty()) return "the run was cut short";
    return fmt::format("the run was stopped by {}", shown(record.run.stopped_by, 60));
  }
  if (summary.accepted_coverage() < record.require_coverage)
    return fmt::format("{} of the plan was judged, {} is required", percent(judged(summary), summary.planned),
                       percent(record.require_coverage));
  return {};
}

}  // namespace

std::uint64_t scored(const Summary& summary) {
  return summary.of(Status::pass) + summary.of(Status::fail) + summary.of(Status::error) +
         summary.of(Status::not_reviewed);
}

std::uint64_t judged(const Summary& summary) {
  const std::uint64_t blind = summary.of(Status::error) + summary.of(Status::not_reviewed);
  return blind > summary.planned ? 0 : summary.planned - blind;
}

Verdict verdict_of(const RunRecord& record) {
  const Summary& summary = record.summary;
  const std::uint64_t failures = summary.results[static_cast<std::size_t>(Status::fail)];
  const bool failed = failures > 0;
  const std::string limited = limited_part(record);
  const std::string blind = blind_part(summary);
  if (const std::string why = incompleteness(record); !why.empty())
    return {Tone::incomplete, "Incomplete: " + why,
            also(also(blind, failed ? failures_in(record) + " so far" : ""), limited)};
  if (failed)
    return {failures > summary.waived ? Tone::failed : Tone::partial, failures_in(record), also(blind, limited)};
  if (!blind.empty()) return {Tone::partial, "No failure was found, but " + blind, limited};
  if (summary.of(Status::pass) == 0)
    return {Tone::partial, "Nothing was found to judge", also("No check passed and none failed", limited) + "."};
  return {Tone::clean, "Nothing wrong was found in what was asked", limited};
}

}  // namespace audit::report
