#include "audit/expectations.hpp"

#include <fmt/format.h>

#include "audit/port_view.hpp"
#include "base/text.hpp"

namespace audit::core {
namespace {

Finding make(Status status, Reason reason, Severity severity, std::string message) {
  Finding finding;
  finding.status = status;
  finding.reason = reason;
  finding.severity = severity;
  finding.message = std::move(message);
  return finding;
}

/// "tcp/1-1024 (not at tcp/9100, which `never` forbids)": where one looked, in words.
std::string looked_at(const PortsJudged& judged, const PortSet& wanted) {
  const std::string_view transport = name_of(judged.witness.transport());
  PortSet looked = wanted;
  looked.remove(judged.never);
  PortSet skipped = wanted;
  skipped.remove(looked);
  std::string text = fmt::format("{}/{}", transport, looked.format());
  if (!skipped.empty()) text += fmt::format(" (not at {}/{}, which `never` forbids)", transport, skipped.format());
  return text;
}

Finding of_port(const PortsJudged& judged, const Endpoint& endpoint, Finding finding) {
  finding.endpoint = format_endpoint(endpoint);
  finding.evidence.push_back(judged.witness.port_evidence(endpoint));
  return finding;
}

/// What could not be told of ports that have to be not open: results that keep the check from passing.
void add_unseen(const PortsJudged& judged, const PortSet& ports, const PortCount& count,
                std::vector<Finding>& findings) {
  if (count.first_blind) {
    Finding finding = blind_finding(*count.first_blind, judged.severity);
    finding.message += fmt::format(" ({} could not be looked at)", counted(count.blind, "port"));
    finding.evidence.push_back(count_evidence(judged.witness, ports, count));
    findings.push_back(std::move(finding));
  }
  if (count.first_silent) {
    Finding finding = blind_finding(*count.first_silent, judged.severity);
    if (count.silent > 1)
      finding.message += fmt::format(" (as did {})", counted(count.silent - 1, "more port", "more ports"));
    finding.evidence.push_back(count_evidence(judged.witness, ports, count));
    findings.push_back(std::move(finding));
  }
}

Finding nothing_to_look_at(const PortsJudged& judged, std::string_view key) {
  return make(Status::not_reviewed, Reason::out_of_scope, judged.severity,
              fmt::format("nothing to look at: `{}` is empty, or `never` forbids all of it", key));
}

/// How all the ports looked, beside the first that should not be open: what is shut is known then too.
void tell_count(const PortsJudged& judged, const PortSet& ports, const PortCount& count,
                std::vector<Finding>& findings) {
  if (!findings.empty()) findings.front().evidence.push_back(count_evidence(judged.witness, ports, count));
}

/// Ports that are open and allowed with a reason, wherever one looked.
void tell_reasons(const PortsJudged& judged, std::vector<Finding>& findings) {
  PortSet permitted = judged.expected.permitted();
  permitted.remove(judged.never);
  for (const Endpoint& endpoint : count_ports(judged.witness, permitted).open) {
    const std::string_view why = judged.expected.why(endpoint.port);
    if (why.empty()) continue;
    Finding finding = make(Status::pass, Reason::open, judged.severity,
                           fmt::format("{} is open, and allowed: {}", format_endpoint(endpoint), why));
    finding.key = "allowed";
    findings.push_back(of_port(judged, endpoint, std::move(finding)));
  }
}

}  // namespace

std::vector<Finding> judge_port_missing(const PortsJudged& judged) {
  using What = PortSight::What;
  const PortSet& required = judged.expected.require;
  if (required.empty())
    return {make(Status::not_applicable, Reason::observed, judged.severity, "no port is required here")};
  std::vector<Finding> findings;
  for (const std::uint16_t port : required.list()) {
    for (const IpAddress& host : judged.witness.hosts()) {
      Endpoint endpoint;
      endpoint.address = host;
      endpoint.port = port;
      endpoint.transport = judged.witness.transport();
      const PortSight sight = judged.witness.look(endpoint);
      Finding finding;
      if (judged.never.contains(port)) {
        const Error forbidden(Reason::out_of_scope,
                              format_endpoint(endpoint) + " is required, but `never` forbids to touch it");
        finding = blind_finding(forbidden, judged.severity);
      } else if (sight.what == What::open) {
        finding =
            make(Status::pass, Reason::open, judged.severity, fmt::format("{} is open", format_endpoint(endpoint)));
      } else if (sight.what == What::closed || sight.what == What::filtered) {
        const Reason state = sight.what == What::closed ? Reason::closed : Reason::filtered;
        finding = make(Status::fail, state, judged.severity,
                       fmt::format("{} is required and is {}", format_endpoint(endpoint), name_of(state)));
      } else {
        finding = blind_finding(sight.why, judged.severity);
      }
      findings.push_back(of_port(judged, endpoint, std::move(finding)));
    }
  }
  return findings;
}

std::vector<Finding> judge_port_unexpected(const PortsJudged& judged) {
  const inventory::ExpectedPorts& expected = judged.expected;
  PortSet looked = expected.sweep;
  looked.remove(judged.never);
  PortSet others = looked;
  others.remove(expected.permitted());
  others.remove(expected.deny);  // judged by themselves
  const std::string where = looked_at(judged, expected.sweep);
  const PortCount count = count_ports(judged.witness, others);
  std::vector<Finding> findings;
  for (const Endpoint& endpoint : count.open) {
    const Status status = expected.others_fail ? Status::fail : Status::informational;
    findings.push_back(
        of_port(judged, endpoint,
                make(status, Reason::open, judged.severity,
                     fmt::format("{} is open and not allowed (looked at {})", format_endpoint(endpoint), where))));
  }
  tell_count(judged, others, count, findings);
  add_unseen(judged, others, count, findings);
  if (looked.empty()) {
    findings.push_back(nothing_to_look_at(judged, "sweep"));
  } else if (findings.empty()) {
    // What may be open proves nothing: only where all of sweep may be does the verdict rest on that.
    const PortSet& ground = others.empty() ? looked : others;
    const PortCount all = others.empty() ? count_ports(judged.witness, looked) : count;
    if (all.first_blind || all.open.size() + all.closed + all.filtered == 0) {
      add_unseen(judged, ground, all, findings);
    } else {
      const Reason reason = !all.open.empty() ? Reason::open : all.closed > 0 ? Reason::closed : Reason::filtered;
      findings.push_back(make(Status::pass, reason, judged.severity,
                              fmt::format("nothing but what is allowed is open; looked at {}", where)));
      findings.back().evidence.push_back(count_evidence(judged.witness, ground, all));
    }
  }
  tell_reasons(judged, findings);
  return findings;
}

std::vector<Finding> judge_port_denied(const PortsJudged& judged) {
  PortSet denied = judged.expected.deny;
  denied.remove(judged.never);
  if (denied.empty()) return {nothing_to_look_at(judged, "deny")};
  const PortCount count = count_ports(judged.witness, denied);
  std::vector<Finding> findings;
  for (const Endpoint& endpoint : count.open)
    findings.push_back(
        of_port(judged, endpoint,
                make(Status::fail, Reason::open, judged.severity,
                     fmt::format("{} is open, and the inventory denies it", format_endpoint(endpoint)))));
  tell_count(judged, denied, count, findings);
  add_unseen(judged, denied, count, findings);
  if (!findings.empty()) return findings;
  findings.push_back(
      make(Status::pass, count.closed > 0 ? Reason::closed : Reason::filtered, judged.severity,
           fmt::format("nothing that is denied is open; looked at {}", looked_at(judged, judged.expected.deny))));
  findings.back().evidence.push_back(count_evidence(judged.witness, denied, count));
  return findings;
}

}  // namespace audit::core
