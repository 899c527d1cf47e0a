#include "audit/expectations.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "probe/port.hpp"

namespace audit::core {
namespace {

constexpr Severity missing_severity = Severity::medium;
constexpr Severity unexpected_severity = Severity::high;

Finding make(Status status, Reason reason, Severity severity, std::string message) {
  Finding finding;
  finding.status = status;
  finding.reason = reason;
  finding.severity = severity;
  finding.message = std::move(message);
  return finding;
}

/// "tcp/1-1024 but for tcp/9100 (never)": where one looked, in words.
std::string looked_at(const PortSet& wanted, const PortSet& never) {
  PortSet looked = wanted;
  looked.remove(never);
  PortSet skipped = wanted;
  skipped.remove(looked);
  std::string text = "tcp/" + looked.format();
  if (!skipped.empty()) text += fmt::format(" (not at tcp/{}, which `never` forbids)", skipped.format());
  return text;
}

}  // namespace

std::vector<RuleRecord> policy_rules() {
  RuleRecord missing;
  missing.id = "policy.port-missing";
  missing.title = "Every port that the inventory requires is open";
  missing.severity = missing_severity;
  missing.safety = Safety::connect;
  missing.tags = {"policy"};
  missing.rationale = "A service that should answer and does not is an outage, or the inventory is wrong.";
  missing.remediation = "Start the service, open the path to it, or take the port out of `require`.";
  missing.file = "built in";
  RuleRecord unexpected;
  unexpected.id = "policy.port-unexpected";
  unexpected.title = "No port is open that the inventory does not allow";
  unexpected.severity = unexpected_severity;
  unexpected.safety = Safety::connect;
  unexpected.tags = {"policy"};
  unexpected.rationale = "A listener that nobody decided on is a way in that nobody watches.";
  unexpected.remediation = "Close the port, or allow it in the inventory with the reason why.";
  unexpected.file = "built in";
  return {missing, unexpected};
}

std::vector<Finding> judge_port_missing(const PortView& view, const inventory::Settings& settings) {
  const PortSet& required = settings.expect_tcp->require;
  std::vector<Finding> findings;
  if (required.empty()) {
    findings.push_back(make(Status::not_applicable, Reason::observed, missing_severity, "no port is required here"));
    return findings;
  }
  for (const std::uint16_t port : required.list()) {
    for (const IpAddress& host : view.target().hosts()) {
      Endpoint endpoint;
      endpoint.address = host;
      endpoint.port = port;
      const probe::PortState* state = view.state(endpoint);
      Finding finding;
      if (settings.never.tcp.contains(port)) {
        const Error forbidden(Reason::out_of_scope,
                              format_endpoint(endpoint) + " is required, but `never` forbids to touch it");
        finding = blind_finding(forbidden, missing_severity);
      } else if (state != nullptr && state->state == Reason::open) {
        finding =
            make(Status::pass, Reason::open, missing_severity, fmt::format("{} is open", format_endpoint(endpoint)));
      } else if (state != nullptr &&
                 (state->state == Reason::closed || (state->state == Reason::filtered && view.alive(host)))) {
        finding = make(Status::fail, state->state, missing_severity,
                       fmt::format("{} is required and is {}", format_endpoint(endpoint), name_of(state->state)));
      } else if (state != nullptr && state->state == Reason::filtered) {
        finding = make(Status::not_reviewed, Reason::filtered, missing_severity,
                       fmt::format("{} gave no answer, and neither did anything else of {}: the host may be gone",
                                   format_endpoint(endpoint), format_address(host)));
      } else {
        const probe::PortState unseen;
        finding = blind_finding(probe::port_error(endpoint, state == nullptr ? unseen : *state), missing_severity);
      }
      finding.endpoint = format_endpoint(endpoint);
      finding.evidence.push_back(view.port_evidence(endpoint));
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

std::vector<Finding> judge_port_unexpected(const PortView& view, const inventory::Settings& settings) {
  const inventory::ExpectedPorts& expected = *settings.expect_tcp;
  const PortSet permitted = expected.permitted();
  PortSet looked = expected.sweep;
  looked.remove(settings.never.tcp);
  std::vector<Finding> findings;
  const PortView::Tally tally = view.tally(looked, PortSet());
  for (const Endpoint& endpoint : tally.open) {
    if (permitted.contains(endpoint.port)) continue;
    Finding finding = make(Status::fail, Reason::open, unexpected_severity,
                           fmt::format("{} is open and not allowed (looked at {})", format_endpoint(endpoint),
                                       looked_at(expected.sweep, settings.never.tcp)));
    finding.endpoint = format_endpoint(endpoint);
    finding.evidence.push_back(view.port_evidence(endpoint));
    findings.push_back(std::move(finding));
  }
  if (tally.blind) {
    Finding finding = blind_finding(*tally.blind, unexpected_severity);
    finding.message += fmt::format(" ({} could not be looked at)", counted(tally.blind_count, "port"));
    finding.evidence.push_back(view.sweep_evidence(looked, tally));
    findings.push_back(std::move(finding));
  }
  if (tally.filtered_silent > 0) {
    findings.push_back(make(Status::not_reviewed, Reason::filtered, unexpected_severity,
                            fmt::format("{} gave no answer on a host that answered nothing else: it may be gone",
                                        counted(tally.filtered_silent, "port"))));
    findings.back().evidence.push_back(view.sweep_evidence(looked, tally));
  }
  if (!findings.empty()) return findings;
  if (looked.empty()) {
    findings.push_back(make(Status::not_reviewed, Reason::out_of_scope, unexpected_severity,
                            "nothing to look at: `sweep` is empty, or `never` forbids all of it"));
    return findings;
  }
  findings.push_back(make(
      Status::pass, tally.closed > 0 ? Reason::closed : Reason::filtered, unexpected_severity,
      fmt::format("nothing but what is allowed is open; looked at {}", looked_at(expected.sweep, settings.never.tcp))));
  if (!tally.open.empty()) findings.back().reason = Reason::open;
  findings.back().evidence.push_back(view.sweep_evidence(looked, tally));
  return findings;
}

}  // namespace audit::core
