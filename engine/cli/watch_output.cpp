#include "cli/watch_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/json_line.hpp"
#include "cli/run_head.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t longest_message = 400;
constexpr std::size_t most_notices = 200;  // that differ
constexpr std::size_t most_names = 200;    // of what came or went

/// A stream that takes no more is `flush`'s to find, or nobody's.
template <class... Arguments>
void put(std::FILE* where, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  (void)std::fwrite(text.data(), 1, text.size(), where);
}

/// "check exposure.telnet-open on 10.0.0.1"
std::string words_of(const WatchKey& key) {
  if (key.kind == Watched::target) return fmt::format("target {}", visible(key.target));
  return fmt::format("{} {} on {}", name_of(key.kind), visible(key.name), visible(key.target));
}

bool worth_a_line(const WatchSight& sight) {
  if (sight.key.kind == Watched::target) return true;
  if (sight.key.kind == Watched::port) return sight.state == "open";
  return sight.state == "fail" || sight.state == unknown_state;
}

Value json_of(const WatchChange& change) {
  Value::Object line{{"event", change.from.empty() ? "baseline" : "change"},
                     {"time", format_utc(change.time)},
                     {"round", static_cast<std::int64_t>(change.round)},
                     {"kind", std::string(name_of(change.sight.key.kind))},
                     {"target", change.sight.key.target}};
  if (change.sight.key.kind == Watched::port) line["endpoint"] = change.sight.key.name;
  if (change.sight.key.kind == Watched::check) {
    line["rule"] = change.sight.key.name;
    line["severity"] = std::string(name_of(change.sight.severity));
  }
  if (!change.from.empty()) line["from"] = change.from;
  line["to"] = change.sight.state;
  line["message"] = change.sight.message;
  return line;
}

Value::Object counts_of(const WatchStates& states, Watched kind) {
  Value::Object counts;
  for (const auto& [state, count] : states.counts(kind)) counts[state] = static_cast<std::int64_t>(count);
  return counts;
}

std::string told_counts(const WatchStates& states, Watched kind) {
  std::string text;
  for (const auto& [state, count] : states.counts(kind))
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, state);
  return text.empty() ? "none" : text;
}

Value json_of(const std::string& target, const RoundTrips& trip) {
  Value::Object line{{"event", "summary"},
                     {"target", target},
                     {"sent", static_cast<std::int64_t>(trip.sent)},
                     {"received", static_cast<std::int64_t>(trip.received)}};
  if (trip.sent > 0) line["loss"] = trip.loss();
  if (trip.received == 0) return line;
  line["rtt_min"] = seconds(trip.least);
  line["rtt_avg"] = seconds(trip.mean());
  line["rtt_max"] = seconds(trip.most);
  return line;
}

std::string told(const std::string& target, const RoundTrips& trip) {
  std::string text = fmt::format("  {}: {} sent, {} received, loss {:.1f} %", visible(target), trip.sent, trip.received,
                                 trip.loss() * 100);
  if (trip.received > 0)
    text += fmt::format(", rtt min/avg/max {:.3f}/{:.3f}/{:.3f} ms", seconds(trip.least) * 1e3,
                        seconds(trip.mean()) * 1e3, seconds(trip.most) * 1e3);
  return text;
}

Value list_of(const std::vector<std::string>& names) {
  Value::Array list;
  for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i) list.emplace_back(names[i]);
  return list;
}

}  // namespace

WatchOutput::WatchOutput(bool json, bool quiet) : json_(json), quiet_(quiet) {
  const char* terminal = std::getenv("TERM");
  on_terminal_ = !quiet && isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void WatchOutput::changes(const std::vector<WatchChange>& changes) {
  clear();
  for (const WatchChange& change : changes) {
    if (json_) {
      print_line(json_of(change));
      continue;
    }
    const bool baseline = change.from.empty();
    if (baseline && !worth_a_line(change.sight)) continue;
    const std::string flip = baseline ? change.sight.state : fmt::format("{} → {}", change.from, change.sight.state);
    const std::string message = visible(change.sight.message, longest_message);
    put(stdout, "{} {}{}: {}{}{}\n", format_utc(change.time), baseline ? "baseline: " : "", words_of(change.sight.key),
        flip, message.empty() ? "" : "; ", message);
  }
}

void WatchOutput::round(const WatchRound& round, const WatchProgress& progress, std::uint64_t skipped, Duration every) {
  clear();
  const WatchStates& states = progress.states;
  const WallTime ended = round.record.run.finished;
  if (json_) {
    Value::Object unconfirmed;
    for (const Watched kind : all_watched)
      unconfirmed[name_of(kind)] = static_cast<std::int64_t>(states.unconfirmed(kind));
    print_line(Value::Object{{"event", "round"},
                             {"round", static_cast<std::int64_t>(progress.rounds)},
                             {"time", format_utc(ended)},
                             {"seconds", seconds(round.taken)},
                             {"skipped", static_cast<std::int64_t>(progress.skipped)},
                             {"target", counts_of(states, Watched::target)},
                             {"port", counts_of(states, Watched::port)},
                             {"check", counts_of(states, Watched::check)},
                             {"unconfirmed", std::move(unconfirmed)}});
  } else if (progress.rounds == 1) {
    put(stdout, "{} baseline: targets: {}; ports: {}; checks: {}\n", format_utc(ended),
        told_counts(states, Watched::target), told_counts(states, Watched::port), told_counts(states, Watched::check));
  }
  if (skipped > 0)
    tell(fmt::format("round {} took {:.1f} s, with --every {}: {} skipped, {} in all", progress.rounds,
                     seconds(round.taken), format_duration(every), counted(skipped, "round"), progress.skipped));
  for (const std::string& notice : round.record.notices) {
    if (told_.size() > most_notices || !told_.insert(notice).second) continue;
    tell(told_.size() > most_notices ? "more notices that differ are not shown" : visible(notice));
  }
  draw(progress);
}

void WatchOutput::summary(const WatchProgress& progress) {
  clear();
  if (json_) {
    for (const auto& [target, trip] : progress.trips) print_line(json_of(target, trip));
    return;
  }
  put(stdout, "{} {}, {} skipped; targets: {}; ports: {}; checks: {}\n", format_utc(wall_now()),
      counted(progress.rounds, "round"), progress.skipped, told_counts(progress.states, Watched::target),
      told_counts(progress.states, Watched::port), told_counts(progress.states, Watched::check));
  for (const auto& [target, trip] : progress.trips)
    if (trip.sent > 0) put(stdout, "{}\n", told(target, trip));
}

void WatchOutput::reloaded(const WatchDifference& difference, std::uint64_t rounds) {
  clear();
  const WallTime now = wall_now();
  if (json_) {
    print_line(Value::Object{{"event", "reload"},
                             {"time", format_utc(now)},
                             {"round", static_cast<std::int64_t>(rounds)},
                             {"came", list_of(difference.came)},
                             {"went", list_of(difference.went)}});
    return;
  }
  const bool same = difference.came.empty() && difference.went.empty();
  put(stdout, "{} inventory and rules read again{}\n", format_utc(now),
      same ? ": no target, rule or notifier came or went" : "");
  const auto tell_each = [&](const char* verb, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
      put(stdout, "{} {} {}\n", format_utc(now), visible(names[i]), verb);
    if (names.size() > most_names) put(stdout, "{} and {} more {}\n", format_utc(now), names.size() - most_names, verb);
  };
  tell_each("came", difference.came);
  tell_each("went", difference.went);
}

void WatchOutput::note(const std::string& line) {
  clear();
  put(stderr, "audit watch: {}\n", line);
}

bool WatchOutput::flush() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

void WatchOutput::tell(const std::string& line) {
  if (!quiet_) note(line);
}

void WatchOutput::draw(const WatchProgress& progress) {
  if (!on_terminal_) return;
  std::fflush(stdout);
  std::string line =
      fmt::format("round {}; targets: {}; checks: {}", progress.rounds, told_counts(progress.states, Watched::target),
                  told_counts(progress.states, Watched::check));
  std::uint64_t unconfirmed = 0;
  for (const Watched kind : all_watched) unconfirmed += progress.states.unconfirmed(kind);
  if (unconfirmed > 0) line += fmt::format("; {} not confirmed", counted(unconfirmed, "change"));
  put(stderr, "\r\x1b[K{}", line);
  drawn_ = true;
}

void WatchOutput::clear() {
  if (!drawn_) return;
  put(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace audit::cli
