#include "report/prometheus.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <istream>
#include <map>
#include <ostream>
#include <tuple>

#include "report/certificates.hpp"

namespace audit::report {
namespace {

constexpr std::string_view last_complete = "audit_last_complete_run_timestamp_seconds";

double number(std::uint64_t count) { return static_cast<double>(count); }

double at(WallTime time) { return timestamp(time.time_since_epoch().count()); }

void put_run(const RunRecord& record, const Style& style, Metrics& metrics) {
  metrics.gauge("audit_run_info", "The run that this file is of; always 1.");
  metrics.add({{"id", record.run.id}, {"version", record.tool.version}}, 1);
  metrics.gauge("audit_run_complete", "1 where the run came to its end, 0 where it was cut short.");
  metrics.add({}, record.run.complete ? 1 : 0);
  metrics.gauge("audit_run_start_timestamp_seconds", "When the run began.");
  metrics.add({}, at(record.run.started));
  metrics.gauge("audit_run_end_timestamp_seconds", "When the run ended.");
  metrics.add({}, at(record.run.finished));
  metrics.gauge(last_complete,
                "When the last complete run that planned anything ended; absent where none is known of.");
  if (record.run.complete && record.summary.planned > 0)
    metrics.add({}, at(record.run.finished));
  else if (style.last_complete)
    metrics.add({}, at(*style.last_complete));
}

void put_counts(const RunRecord& record, Metrics& metrics) {
  const Summary& summary = record.summary;
  metrics.gauge("audit_checks_planned", "Checks that the run planned; the statuses of audit_checks sum to it.");
  metrics.add({}, number(summary.planned));
  metrics.gauge("audit_checks", "Checks of the run, by status.");
  for (const Status status : all_statuses) metrics.add({{"status", name_of(status)}}, number(summary.of(status)));
  metrics.gauge("audit_failed_results", "Failed results of the run, by severity, and whether a waiver covers them.");
  for (std::size_t i = 0; i < severity_count; ++i) {
    const std::string_view severity = name_of(static_cast<Severity>(i));
    const std::uint64_t waived = summary.waived_failures[i];
    metrics.add({{"severity", severity}, {"waived", "no"}}, number(summary.failures[i] - waived));
    metrics.add({{"severity", severity}, {"waived", "yes"}}, number(waived));
  }
  metrics.gauge("audit_score_ratio", "pass / (pass + fail + error + not_reviewed); 0 where nothing could count.");
  metrics.add({}, summary.score());
  metrics.gauge("audit_coverage_ratio", "(planned - error - not_reviewed) / planned; 0 where nothing was planned.");
  metrics.add({}, summary.coverage());
  metrics.gauge("audit_required_coverage_ratio", "The coverage below which a run counts as incomplete.");
  metrics.add({}, record.require_coverage);
  metrics.gauge("audit_inventory_parts_left_out", "Parts of the inventory that selected rules were not asked of.");
  metrics.add({}, number(record.left_out.size()));
}

void put_targets(const RunRecord& record, Metrics& metrics) {
  std::map<TargetLife, std::uint64_t> lives{
      {TargetLife::alive, 0}, {TargetLife::silent, 0}, {TargetLife::unresolved, 0}, {TargetLife::unknown, 0}};
  for (const TargetRecord& target : record.targets) ++lives[target.life];
  metrics.gauge("audit_targets", "Targets of the run, by what sign of life they gave.");
  for (const auto& [life, count] : lives) metrics.add({{"life", name_of(life)}}, number(count));
  metrics.gauge("audit_addresses_dark", "Addresses of ranges that gave no sign of life, and are no targets.");
  metrics.add({}, number(record.summary.dark));
  metrics.gauge("audit_addresses_excluded", "Addresses and names that the scope's excludes took out.");
  metrics.add({}, number(record.summary.excluded));
  metrics.gauge("audit_target_up", "1 where a target showed life, 0 where it was asked and did not; else absent.");
  for (const TargetLife life : {TargetLife::silent, TargetLife::alive})
    for (const TargetRecord& target : record.targets)
      if (target.life == life) metrics.add({{"target", target.id}}, life == TargetLife::alive ? 1 : 0);
}

bool is_waived(const Check& check) {
  return std::all_of(check.results.begin(), check.results.end(),
                     [](const Finding& result) { return result.status != Status::fail || !result.waiver.empty(); });
}

/// What a sample says of a check, and where it stands: the worst first, as far as there is room.
struct Named {
  std::string rule;
  std::string target;
  Severity severity;
  Status status;
  bool waived;
};
using Place = std::pair<int, int>;

/// Where there is no room for all checks, the passes and the like are counts alone.
void put_checks(const RunRecord& record, Metrics& metrics) {
  metrics.gauge("audit_check_status", "1 for the status that a check has; where there are many, no passes by name.");
  const bool all = record.checks.size() <= Metrics::most_samples;
  std::map<Place, std::vector<Named>> places;
  for (const Check& check : record.checks.with(Detail::results)) {
    const Status status = check.status();
    const Severity severity = check.foremost().severity;
    const bool by_name = all || status == Status::fail || status == Status::error || status == Status::not_reviewed;
    std::vector<Named>& named = places[{precedence(status), -static_cast<int>(severity)}];
    if (by_name && named.size() < Metrics::most_samples)
      named.push_back({check.rule, check.target, severity, status, status == Status::fail && is_waived(check)});
    else
      metrics.leave_out(1);
  }
  for (const auto& [place, named] : places)
    for (const Named& check : named)
      metrics.add({{"rule", check.rule},
                   {"target", check.target},
                   {"severity", name_of(check.severity)},
                   {"status", name_of(check.status)},
                   {"waived", check.waived ? "yes" : "no"}},
                  1);
}

template <class Visit>
void each_observation(const RunRecord& record, Visit visit) {
  for (const Check& check : record.checks)
    for (const Finding& result : check.results)
      for (const Evidence& evidence : result.evidence)
        if (evidence.observation) visit(check.target, *evidence.observation);
}

/// How long a probe took to see what it saw: of a ping the round trip, not the requests one after another.
std::optional<double> duration_of(const Observation& observation) {
  if (observation.probe == "ping") {
    const Value* average = observation.fields.find("rtt_avg");
    const double* time = average == nullptr ? nullptr : average->get_if<double>();
    return time == nullptr ? std::nullopt : std::optional(*time);
  }
  if (!observation.saw_something() || observation.elapsed <= Duration::zero()) return std::nullopt;
  return seconds(observation.elapsed);
}

void put_durations(const RunRecord& record, Metrics& metrics) {
  std::map<std::pair<std::string, std::string>, double> longest;
  each_observation(record, [&](const std::string& target, const Observation& observation) {
    const std::optional<double> taken = duration_of(observation);
    if (!taken) return;
    double& most = longest[{target, observation.probe}];
    most = std::max(most, *taken);
  });
  metrics.gauge("audit_probe_duration_seconds",
                "The longest that a probe of this kind took on a target; of pings, a round trip.");
  for (const auto& [of, taken] : longest) metrics.add({{"target", of.first}, {"probe", of.second}}, taken);
}

void put_expiries(const RunRecord& record, Metrics& metrics) {
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> first;
  each_observation(record, [&](const std::string& target, const Observation& observation) {
    const Value* leaf = leaf_of(observation);
    if (leaf == nullptr) return;
    const Value* expiry = leaf->find("not_after_time");
    const Value* subject = leaf->find("subject");
    const auto* time = expiry == nullptr ? nullptr : expiry->get_if<std::int64_t>();
    const auto* name = subject == nullptr ? nullptr : subject->get_if<std::string>();
    if (time == nullptr) return;
    const auto [known, added] =
        first.try_emplace({target, observation.endpoint, name == nullptr ? std::string() : *name}, *time);
    if (!added) known->second = std::min(known->second, *time);
  });
  metrics.gauge("audit_certificate_expiry_timestamp_seconds", "When a certificate that a TLS server showed runs out.");
  for (const auto& [of, time] : first) {
    const auto& [target, endpoint, subject] = of;
    metrics.add({{"target", target}, {"endpoint", endpoint}, {"subject", subject}}, static_cast<double>(time));
  }
}

}  // namespace

std::string_view inventory_label(const RunRecord& record) {
  return record.inventory.name.empty() ? record.inventory.path : record.inventory.name;
}

void put_run_metrics(const RunRecord& record, const Style& style, Metrics& metrics) {
  put_run(record, style, metrics);
  put_counts(record, metrics);
  put_targets(record, metrics);
  put_checks(record, metrics);
  put_durations(record, metrics);
  put_expiries(record, metrics);
}

void write_prometheus(const RunRecord& record, const Style& style, std::ostream& out) {
  Metrics metrics(out, inventory_label(record));
  put_run_metrics(record, style, metrics);
  metrics.finish();
}

void inherit_prometheus(const RunRecord& record, std::istream& replaced, Style& style) {
  std::ostream nowhere(nullptr);
  const std::string begins = Metrics(nowhere, inventory_label(record)).line_of(last_complete);
  for (std::string line; std::getline(replaced, line);) {
    if (!line.starts_with(begins)) continue;
    double read = 0;
    const char* end = line.data() + line.size();
    const auto [stopped, wrong] = std::from_chars(line.data() + begins.size(), end, read);
    const bool sensible = wrong == std::errc() && stopped == end && read > 0 && read <= at(record.run.finished);
    if (sensible) style.last_complete = WallTime(std::chrono::milliseconds(std::llround(read * 1000)));
    return;
  }
}

}  // namespace audit::report
