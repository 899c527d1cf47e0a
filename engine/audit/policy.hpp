#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "audit/port_sight.hpp"
#include "inventory/inventory.hpp"
#include "lua/rule.hpp"

namespace audit::core {

/// Whom questions are about.
struct PolicySubject {
  const std::vector<IpAddress>& hosts;
  const std::vector<IpAddress>& resolved;  // all that the target's name leads to, in scope or not
  const std::string& name;                 // "" where the target is an address
  const inventory::Settings& settings;
  WallTime time;
};

/// What a policy asks of a target in Lua: one question, one result.
struct PolicyQuestion {
  std::optional<Endpoint> endpoint;  // asked only where this port is open
  Value::Object params;
  std::string key;
  std::optional<Finding> settled;  // there is nothing to ask
};

/// One kind of expectation: a built-in rule. Either `judge` tells by the ports that were swept, or `questions` says what its
/// Lua is asked. A new expectation is a row of policies() and a file.
struct Policy {
  RuleRecord record;
  std::string_view setting;                              // the key it holds for, "expect.tcp"
  bool (*applies)(const inventory::Settings& settings);  // to targets with these settings
  Transport transport = Transport::tcp;                  // of what `judge` looks at
  std::vector<Finding> (*judge)(const PortWitness& witness, const inventory::Settings& settings) = nullptr;
  std::vector<PolicyQuestion> (*questions)(const PolicySubject& subject) = nullptr;
  std::string_view lua = {};  // its check's source
  bool of_names = false;      // asked of name servers: of silent hosts too
};

/// The built-in rules, by id.
[[nodiscard]] const std::vector<Policy>& policies();
[[nodiscard]] std::vector<RuleRecord> policy_rules();

/// The TCP ports that the expectations of these settings look at.
[[nodiscard]] PortSet expected_tcp_ports(const inventory::Settings& settings);
/// The UDP ports, less those that are never touched.
[[nodiscard]] PortSet expected_udp_ports(const inventory::Settings& settings);

/// The Lua of a policy as the machine runs it.
[[nodiscard]] std::shared_ptr<const lua::Rule> policy_in_lua(const Policy& policy);
/// The same of any name and source, with the modules of the built-in ones beside it.
[[nodiscard]] std::shared_ptr<lua::Rule> built_in_rule(const std::string& id, std::string_view source);
/// The Lua that asks one UDP port, for the sweep.
[[nodiscard]] std::shared_ptr<const lua::Rule> udp_asker();

// policy_answers.cpp
[[nodiscard]] std::vector<PolicyQuestion> ask_names(const PolicySubject& subject);
[[nodiscard]] std::vector<PolicyQuestion> ask_addresses(const PolicySubject& subject);
[[nodiscard]] std::vector<PolicyQuestion> ask_certificates(const PolicySubject& subject);
[[nodiscard]] std::vector<PolicyQuestion> ask_host_keys(const PolicySubject& subject);
[[nodiscard]] std::vector<PolicyQuestion> ask_services(const PolicySubject& subject);

}  // namespace audit::core
