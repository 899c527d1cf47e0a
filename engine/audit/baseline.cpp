#include "audit/baseline.hpp"

#include "audit/each_endpoint.hpp"
#include "audit/policy_sources.hpp"
#include "audit/port_view.hpp"

namespace audit::core {
namespace {

using inventory::Settings;

Finding told(Reason reason, std::string message) {
  Finding finding;
  finding.status = Status::informational;
  finding.reason = reason;
  finding.message = std::move(message);
  return finding;
}

/// Every port that is not closed, whatever else it is.
std::vector<Finding> tell_ports(const PortWitness& witness, const Settings& settings) {
  using What = PortSight::What;
  PortSet ports = (witness.transport() == Transport::tcp ? settings.expect_tcp : settings.expect_udp)->sweep;
  ports.remove(settings.never.of(witness.transport()));
  std::vector<Finding> findings;
  each_endpoint(ports.list(), witness.hosts(), witness.transport(), [&](const Endpoint& endpoint) {
    const PortSight sight = witness.look(endpoint);
    if (sight.what == What::closed) return;
    Finding finding;
    if (sight.what == What::open)
      finding = told(Reason::open, "open");
    else if (sight.what == What::filtered)
      finding = told(Reason::filtered, "filtered");
    else
      finding = blind_finding(sight.why, Severity::info);
    finding.endpoint = format_endpoint(endpoint);
    findings.push_back(std::move(finding));
  });
  if (findings.empty()) findings.push_back(told(Reason::closed, "every port is closed"));
  return findings;
}

std::vector<PolicyQuestion> ask_services_of_all(const PolicySubject& subject) {
  std::vector<PolicyQuestion> questions;
  each_endpoint(subject.settings.expect_tcp->sweep.list(), subject.hosts, Transport::tcp,
                [&](const Endpoint& endpoint) { questions.emplace_back().endpoint = endpoint; });
  return questions;
}

std::vector<PolicyQuestion> ask_names_of_all(const PolicySubject& subject) {
  std::vector<PolicyQuestion> questions;
  if (!subject.hosts.empty()) questions.emplace_back();
  return questions;
}

Policy row(std::string_view id, bool (*applies)(const Settings&)) {
  Policy policy{{}, id, applies};
  policy.record.id = id;
  policy.record.title = id;
  policy.record.safety = Safety::normal;
  return policy;
}

bool always(const Settings& /*settings*/) { return true; }
bool looks_at_tcp(const Settings& settings) { return !settings.expect_tcp->sweep.empty(); }
bool looks_at_udp(const Settings& settings) { return settings.expect_udp != nullptr; }

const std::vector<Policy>& rows() {
  static const std::vector<Policy> table = [] {
    Policy names = row(baseline_names, always);
    names.questions = ask_names_of_all;
    names.lua = policy_sources::baseline_names;
    names.of_names = true;
    Policy service = row(baseline_service, looks_at_tcp);
    service.questions = ask_services_of_all;
    service.lua = policy_sources::baseline_service;
    Policy tcp = row(baseline_tcp, looks_at_tcp);
    tcp.judge = tell_ports;
    tcp.record.safety = Safety::connect;
    Policy udp = row(baseline_udp, looks_at_udp);
    udp.judge = tell_ports;
    udp.transport = Transport::udp;
    return std::vector<Policy>{names, service, tcp, udp};
  }();
  return table;
}

/// Settings that only say where to look.
std::shared_ptr<const Settings> looking(const Settings& settings, const BaselineOptions& options) {
  auto made = std::make_shared<Settings>(settings);
  auto tcp = std::make_shared<inventory::ExpectedPorts>();
  tcp->sweep = options.tcp.value_or(expected_tcp_ports(settings));
  if (tcp->sweep.empty() && !options.tcp) tcp->sweep = options.fallback;
  made->expect_tcp = std::move(tcp);
  PortSet ports = options.udp.value_or(settings.expect_udp ? settings.expect_udp->looked_at() : PortSet());
  made->expect_udp.reset();
  made->expect_answers.reset();
  if (!ports.empty()) {
    auto udp = std::make_shared<inventory::ExpectedPorts>();
    udp->sweep = std::move(ports);
    made->expect_udp = std::move(udp);
  }
  return made;
}

}  // namespace

PlanResult plan_baseline(const inventory::Inventory& inventory, std::map<std::string, std::string> modules,
                         const BaselineOptions& options, std::uint64_t seed) {
  auto looked_at = std::make_shared<inventory::Inventory>(inventory);
  std::map<const Settings*, std::shared_ptr<const Settings>> known;
  for (inventory::Entry& entry : looked_at->entries) {
    std::shared_ptr<const Settings>& made = known[entry.settings.get()];
    if (!made) made = looking(*entry.settings, options);
    entry.settings = made;
  }
  looked_at->params.clear();  // of rules that are not asked here
  looked_at->select.clear();
  looked_at->waivers.clear();  // of checks that are not made here
  looked_at->attestations.clear();
  lua::RuleSet rules;
  rules.modules = std::move(modules);
  PlanResult result = make_plan(std::move(looked_at), std::move(rules), "", seed);
  if (!result.plan) return result;
  Plan& plan = *result.plan;
  plan.rules.clear();
  for (const Policy& policy : rows()) {
    PlannedRule planned;
    planned.record = policy.record;
    planned.policy = &policy;
    if (!policy.lua.empty()) {
      planned.lua_index = plan.rule_set.rules.size();
      plan.rule_set.rules.push_back(policy_in_lua(policy));
    }
    plan.rules.push_back(std::move(planned));
  }
  return result;
}

}  // namespace audit::core
