#include "audit/policy.hpp"

#include <algorithm>

#include "audit/expectations.hpp"
#include "audit/policy_sources.hpp"

namespace audit::core {
namespace {

using inventory::Settings;

RuleRecord record(std::string id, std::string title, Severity severity, Safety safety, std::string rationale,
                  std::string remediation) {
  RuleRecord made;
  made.id = std::move(id);
  made.title = std::move(title);
  made.severity = severity;
  made.safety = safety;
  made.tags = {"policy"};
  made.rationale = std::move(rationale);
  made.remediation = std::move(remediation);
  made.file = "built in";
  return made;
}

/// What a judge of ports needs, of the row that it stands in.
template <const char* id, std::vector<Finding> (*judge)(const PortsJudged&)>
std::vector<Finding> judge_ports(const PortWitness& witness, const Settings& settings) {
  const Transport transport = witness.transport();
  const auto& expected = transport == Transport::tcp ? settings.expect_tcp : settings.expect_udp;
  static const Severity severity = std::find_if(policies().begin(), policies().end(), [](const Policy& policy) {
                                     return policy.record.id == id;
                                   })->record.severity;
  const PortsJudged judged{witness, *expected, settings.never.of(transport), severity};
  return judge(judged);
}

bool has_tcp(const Settings& settings) { return settings.expect_tcp != nullptr; }
bool has_udp(const Settings& settings) { return settings.expect_udp != nullptr; }
bool denies_tcp(const Settings& settings) { return has_tcp(settings) && !settings.expect_tcp->deny.empty(); }
bool denies_udp(const Settings& settings) { return has_udp(settings) && !settings.expect_udp->deny.empty(); }
bool has_names(const Settings& settings) { return settings.expect_answers && settings.expect_answers->names; }
bool has_addresses(const Settings& settings) { return settings.expect_answers && settings.expect_answers->addresses; }
bool has_certificates(const Settings& settings) {
  return settings.expect_answers && !settings.expect_answers->certificates.empty();
}
bool has_host_keys(const Settings& settings) {
  return settings.expect_answers && !settings.expect_answers->ssh_host_keys.empty();
}
bool has_services(const Settings& settings) {
  return settings.expect_answers && !settings.expect_answers->services.empty();
}

constexpr char tcp_denied[] = "policy.port-denied";
constexpr char tcp_missing[] = "policy.port-missing";
constexpr char tcp_unexpected[] = "policy.port-unexpected";
constexpr char udp_denied[] = "policy.udp-denied";
constexpr char udp_missing[] = "policy.udp-missing";
constexpr char udp_unexpected[] = "policy.udp-unexpected";

constexpr const char* outage = "A service that should answer and does not is an outage, or the inventory is wrong.";
constexpr const char* start_it = "Start the service, open the path to it, or take the port out of `require`.";
constexpr const char* way_in = "A listener that nobody decided on is a way in that nobody watches.";
constexpr const char* close_it = "Close the port, or allow it in the inventory with the reason why.";
constexpr const char* decided = "Somebody decided that this is not to be reachable, and it is.";
constexpr const char* stop_it = "Stop the service or filter the port; where the decision was changed, change `deny`.";

Policy of_ports(RuleRecord rule, std::string_view setting, bool (*applies)(const Settings&), Transport transport,
                std::vector<Finding> (*judge)(const PortWitness&, const Settings&)) {
  Policy policy{std::move(rule), setting, applies, transport};
  policy.judge = judge;
  return policy;
}

Policy of_answers(RuleRecord rule, std::string_view setting, bool (*applies)(const Settings&),
                  std::vector<PolicyQuestion> (*questions)(const PolicySubject&), std::string_view lua,
                  bool of_names = false) {
  Policy policy{std::move(rule), setting, applies};
  policy.questions = questions;
  policy.lua = lua;
  policy.of_names = of_names;
  return policy;
}

std::vector<Policy> make_policies() {
  namespace sources = policy_sources;
  return {
      of_answers(record("policy.address", "The target's name resolves to the addresses that the inventory expects",
                        Severity::high, Safety::normal,
                        "A name that leads elsewhere sends users, and this audit, to somebody else's machine.",
                        "Repair the record, or correct `expect.addresses`."),
                 "expect.addresses", has_addresses, ask_addresses, {}, true),
      of_answers(
          record("policy.certificate", "TLS servers show the certificates that the inventory expects", Severity::high,
                 Safety::normal,
                 "Another certificate is a renewal that nobody told of, a misdirected name, or somebody in between.",
                 "Find out who changed the certificate; then correct the server, or `expect.certificates`."),
          "expect.certificates", has_certificates, ask_certificates, sources::certificate),
      of_answers(record("policy.name", "The target's reverse names are those that the inventory expects",
                        Severity::medium, Safety::normal,
                        "Logs and people know an address by its name; a wrong one points at the wrong machine.",
                        "Repair the PTR record, or correct `expect.names`."),
                 "expect.names", has_names, ask_names, sources::name, true),
      of_ports(record(tcp_denied, "No TCP port is open that the inventory denies", Severity::high, Safety::connect,
                      decided, stop_it),
               "expect.tcp", denies_tcp, Transport::tcp, judge_ports<tcp_denied, judge_port_denied>),
      of_ports(record(tcp_missing, "Every port that the inventory requires is open", Severity::medium, Safety::connect,
                      outage, start_it),
               "expect.tcp", has_tcp, Transport::tcp, judge_ports<tcp_missing, judge_port_missing>),
      of_ports(record(tcp_unexpected, "No port is open that the inventory does not allow", Severity::high,
                      Safety::connect, way_in, close_it),
               "expect.tcp", has_tcp, Transport::tcp, judge_ports<tcp_unexpected, judge_port_unexpected>),
      of_answers(
          record("policy.service", "What answers at a port is the service that the inventory expects", Severity::medium,
                 Safety::normal, "Another protocol behind a known port is a mistake, or hides there.",
                 "Find out what listens; then correct the host, or `expect.services`."),
          "expect.services", has_services, ask_services, sources::service),
      of_answers(
          record("policy.ssh-host-key", "SSH servers show the host keys that the inventory expects", Severity::high,
                 Safety::normal,
                 "An unknown host key is a machine that was replaced, or somebody who answers in its place.",
                 "Compare with the key on the machine itself; then correct the host, or `expect.ssh_host_keys`."),
          "expect.ssh_host_keys", has_host_keys, ask_host_keys, sources::ssh_host_key),
      of_ports(record(udp_denied, "No UDP port is open that the inventory denies", Severity::high, Safety::normal,
                      decided, stop_it),
               "expect.udp", denies_udp, Transport::udp, judge_ports<udp_denied, judge_port_denied>),
      of_ports(record(udp_missing, "Every UDP port that the inventory requires answers", Severity::medium,
                      Safety::normal, outage, start_it),
               "expect.udp", has_udp, Transport::udp, judge_ports<udp_missing, judge_port_missing>),
      of_ports(record(udp_unexpected, "No UDP port answers that the inventory does not allow", Severity::high,
                      Safety::normal, way_in, close_it),
               "expect.udp", has_udp, Transport::udp, judge_ports<udp_unexpected, judge_port_unexpected>),
  };
}

}  // namespace

const std::vector<Policy>& policies() {
  static const std::vector<Policy> table = make_policies();
  return table;
}

std::vector<RuleRecord> policy_rules() {
  std::vector<RuleRecord> records;
  for (const Policy& policy : policies()) records.push_back(policy.record);
  return records;
}

PortSet expected_tcp_ports(const Settings& settings) {
  PortSet ports;
  if (settings.expect_tcp) ports.add(settings.expect_tcp->looked_at());
  if (settings.expect_answers) ports.add(settings.expect_answers->ports());
  return ports;
}

PortSet expected_udp_ports(const Settings& settings) {
  PortSet ports;
  if (settings.expect_udp) ports.add(settings.expect_udp->looked_at());
  ports.remove(settings.never.udp);
  return ports;
}

std::shared_ptr<lua::Rule> built_in_rule(const std::string& id, std::string_view source) {
  auto rule = std::make_shared<lua::Rule>();
  rule->record.id = id;
  rule->path = "built in: " + id;
  rule->source = source;
  rule->requires_nothing = true;
  rule->modules["services"] = policy_sources::services;
  return rule;
}

std::shared_ptr<const lua::Rule> policy_in_lua(const Policy& policy) {
  std::shared_ptr<lua::Rule> rule = built_in_rule(policy.record.id, policy.lua);
  rule->record = policy.record;
  return rule;
}

std::shared_ptr<const lua::Rule> udp_asker() { return built_in_rule("policy.udp", policy_sources::udp_port); }

}  // namespace audit::core
