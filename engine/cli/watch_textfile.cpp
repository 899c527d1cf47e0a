#include "cli/watch_textfile.hpp"

#include <set>

#include "cli/report_files.hpp"
#include "cli/report_mode.hpp"
#include "report/prometheus.hpp"

namespace audit::cli {
namespace {

using report::Metrics;

TargetLife life_of(const std::string& state) {
  if (state == "up") return TargetLife::alive;
  return state == "down" ? TargetLife::silent : TargetLife::unknown;
}

void confirm(Check& check, const std::string& state) {
  const Status seen = check.status();
  const bool blind = seen == Status::error || seen == Status::not_reviewed;
  if (blind && !parse_status(state)) return;
  const Status confirmed = parse_status(state).value_or(Status::not_reviewed);
  if (seen == confirmed) return;
  for (Finding& result : check.results) result.status = confirmed;
}

void confirm_targets(RunRecord& record, const WatchStates& states) {
  std::set<std::string> there;
  for (TargetRecord& target : record.targets) {
    there.insert(target.id);
    if (const WatchState* state = states.find({Watched::target, target.id, ""})) target.life = life_of(state->state());
  }
  for (const auto& [key, state] : states.things()) {
    if (key.kind != Watched::target || there.contains(key.target)) continue;
    TargetRecord& target = record.targets.emplace_back();
    target.id = key.target;
    target.life = life_of(state.state());
  }
}

/// Of a target that this round did not see.
Check lost_check(const RunRecord& record, const WatchKey& key, const std::string& state) {
  Check check;
  check.rule = key.name;
  check.target = key.target;
  Finding& finding = check.results.emplace_back();
  finding.status = parse_status(state).value_or(Status::not_reviewed);
  for (const RuleRecord& rule : record.rules)
    if (rule.id == key.name) finding.severity = rule.severity;
  return check;
}

void confirm_checks(RunRecord& record, const WatchStates& states) {
  std::set<WatchKey> there;
  std::vector<Check>& checks = record.checks.held();
  for (Check& check : checks) {
    WatchKey key{Watched::check, check.target, check.rule};
    if (const WatchState* state = states.find(key)) confirm(check, state->state());
    there.insert(std::move(key));
  }
  for (const auto& [key, state] : states.things())
    if (key.kind == Watched::check && !there.contains(key)) checks.push_back(lost_check(record, key, state.state()));
}

void put_ports(const WatchStates& states, Metrics& metrics) {
  metrics.gauge("audit_port_open", "1 where a port is open, 0 where it is closed or filtered; absent where unknown.");
  for (const auto& [key, state] : states.things())
    if (key.kind == Watched::port && state.state() != unknown_state && state.state() != new_state)
      metrics.add({{"target", key.target}, {"endpoint", key.name}}, state.state() == "open" ? 1 : 0);
}

void put_trips(const TripsByTarget& trips, Metrics& metrics) {
  const auto put = [&](auto value, bool only_received) {
    for (const auto& [target, trip] : trips)
      if (trip.sent > 0 && (trip.received > 0 || !only_received)) metrics.add({{"target", target}}, value(trip));
  };
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  metrics.counter("audit_target_echoes_sent_total", "Echoes sent since the watch began.");
  put([&](const RoundTrips& trip) { return number(trip.sent); }, false);
  metrics.counter("audit_target_echoes_received_total", "Echoes replied to since the watch began.");
  put([&](const RoundTrips& trip) { return number(trip.received); }, false);
  metrics.gauge("audit_target_loss_ratio", "Echoes without a reply since the watch began, of all that were sent.");
  put([](const RoundTrips& trip) { return trip.loss(); }, false);
  metrics.gauge("audit_target_rtt_seconds", "The round trip of the last round; absent where no reply came.");
  for (const auto& [target, trip] : trips)
    if (trip.last) metrics.add({{"target", target}}, seconds(*trip.last));
  metrics.gauge("audit_target_rtt_min_seconds", "The shortest round trip since the watch began.");
  put([](const RoundTrips& trip) { return seconds(trip.least); }, true);
  metrics.gauge("audit_target_rtt_avg_seconds", "The mean round trip since the watch began.");
  put([](const RoundTrips& trip) { return seconds(trip.mean()); }, true);
  metrics.gauge("audit_target_rtt_max_seconds", "The longest round trip since the watch began.");
  put([](const RoundTrips& trip) { return seconds(trip.most); }, true);
}

void put_watch(const WatchProgress& progress, Metrics& metrics) {
  metrics.counter("audit_watch_rounds_total", "Rounds that came to their end since the watch began.");
  metrics.add({}, static_cast<double>(progress.rounds));
  metrics.counter("audit_watch_rounds_skipped_total",
                  "Rounds skipped because one before took longer than the interval.");
  metrics.add({}, static_cast<double>(progress.skipped));
  metrics.gauge("audit_watch_unconfirmed", "Things last seen in another state than the confirmed one.");
  for (const Watched kind : all_watched)
    metrics.add({{"kind", name_of(kind)}}, static_cast<double>(progress.states.unconfirmed(kind)));
  put_ports(progress.states, metrics);
  put_trips(progress.trips, metrics);
}

}  // namespace

void show_confirmed(RunRecord& record, const WatchStates& states) {
  confirm_targets(record, states);
  confirm_checks(record, states);
}

Result<void> write_textfile(const std::string& path, const RunRecord& record, const WatchProgress& progress) {
  return write_whole(path, "prometheus", usual_mode("prometheus"), [&](std::ostream& out) {
    Metrics metrics(out, report::inventory_label(record));
    report::put_run_metrics(record, report::Style(), metrics);
    put_watch(progress, metrics);
    metrics.finish();
  });
}

}  // namespace audit::cli
