#include "audit/justify.hpp"

#include <algorithm>

namespace audit::core {
namespace {

bool answers(const Observation& seen) {
  switch (seen.reason) {
    case Reason::observed:
    case Reason::open:
    case Reason::closed:
    case Reason::filtered:
    case Reason::refused:
    case Reason::reset:
    case Reason::eof:
    case Reason::truncated:
    case Reason::protocol_error: return true;
    default: return false;
  }
}

/// A silent port tells something only of a host that answered something else.
bool leans_on_silence(const Observation& seen, const probe::Target& target) {
  if (seen.reason != Reason::filtered) return false;
  return std::any_of(target.hosts().begin(), target.hosts().end(), [&](const IpAddress& host) {
    return seen.endpoint.find("/" + format_bracketed(host) + ":") != std::string::npos && !target.alive(host);
  });
}

}  // namespace

std::optional<Error> why_no_pass(const std::vector<ObservationPtr>& record, const probe::Target& target) {
  if (record.empty()) return std::nullopt;
  const bool answered =
      std::any_of(record.begin(), record.end(), [](const ObservationPtr& seen) { return answers(*seen); });
  if (!answered) return Error(record.front()->reason, "nothing answered: " + record.front()->message);
  const auto partial =
      std::find_if(record.begin(), record.end(), [](const ObservationPtr& seen) { return !seen->saw_something(); });
  if (partial != record.end()) return Error((*partial)->reason, "did not see all it asked for: " + (*partial)->message);
  const auto silent = std::find_if(record.begin(), record.end(),
                                   [&](const ObservationPtr& seen) { return leans_on_silence(*seen, target); });
  if (silent == record.end()) return std::nullopt;
  return Error(Reason::filtered,
               (*silent)->endpoint + " is silent on a host that answered nothing else: it may be gone");
}

void justify(lua::Outcome& outcome, const probe::Target& target) {
  Finding& finding = outcome.finding;
  const auto& record = outcome.record;
  if (finding.status != Status::pass && finding.status != Status::fail) return;
  const bool saw =
      std::any_of(record.begin(), record.end(), [](const ObservationPtr& seen) { return seen->saw_something(); });
  if (!saw) {
    finding.message =
        "the verdict \"" + finding.message + "\" rests on nothing: `check` asked no probe that saw anything";
    finding.reason = Reason::rule_error;
    finding.status = Status::error;
    return;
  }
  if (finding.status != Status::pass) return;
  const std::optional<Error> why = why_no_pass(record, target);
  if (!why) return;
  finding.message = "the rule said \"" + finding.message + "\", but " + why->message;
  finding.reason = why->reason;
  finding.status = status_of(why->reason);
}

}  // namespace audit::core
