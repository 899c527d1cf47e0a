#include "cli/setup.hpp"

#include <fmt/format.h>

#include <iostream>

#include "audit/policy.hpp"
#include "audit/frameworks.hpp"
#include "base/text.hpp"
#include "cli/credentials.hpp"
#include "cli/paths.hpp"
#include "cli/version.hpp"
#include "inventory/limit.hpp"
#include "net/random_seed.hpp"

namespace audit::cli {
namespace {

constexpr std::uint16_t dns_port = 53;

std::vector<std::string> rule_paths(const std::vector<std::string>& wanted, bool& shipped) {
  std::vector<std::string> paths;
  bool instead = false;
  for (const std::string& path : wanted) {
    const bool beside = path.starts_with('+');
    instead = instead || !beside;
    paths.push_back(beside ? path.substr(1) : path);
  }
  shipped = !instead;
  if (shipped) paths.insert(paths.begin(), shipped_folder("rules"));
  return paths;
}

}  // namespace

std::shared_ptr<inventory::Inventory> load_inventory(const Sources& sources, inventory::LoadOptions options) {
  options.access = sources.allow_commands ? inventory::SourceAccess::commands : inventory::SourceAccess::files;
  inventory::Loaded loaded = sources.inventory.empty() ? inventory::from_targets(sources.targets)
                                                       : inventory::load_file(sources.inventory, options);
  for (const inventory::Mistake& mistake : loaded.mistakes) std::cerr << "audit: " << mistake.text() << '\n';
  if (!loaded.inventory) return nullptr;
  if (!sources.limit.empty()) {
    const std::vector<std::string> mistakes =
        inventory::limit_to(*loaded.inventory, sources.limit, sources.allow_empty);
    for (const std::string& mistake : mistakes) std::cerr << "audit: " << mistake << '\n';
    if (!mistakes.empty()) return nullptr;
  }
  return std::make_shared<inventory::Inventory>(std::move(*loaded.inventory));
}

std::optional<std::vector<std::string>> rule_paths_of(const std::vector<std::string>& wanted) {
  bool shipped = false;
  std::vector<std::string> paths = rule_paths(wanted, shipped);
  if (!shipped || !paths.front().empty()) return paths;
  std::cerr << "audit: the shipped rules are not found beside the program; name a folder with --rules PATH\n";
  return std::nullopt;
}

std::vector<std::string> ids_of(const lua::RuleSet& rules) {
  std::vector<std::string> ids;
  for (const auto& rule : rules.rules) ids.push_back(rule->record.id);
  for (const RuleRecord& rule : core::policy_rules()) ids.push_back(rule.id);
  return ids;
}

std::optional<lua::RuleSet> load_rules_of(const std::vector<std::string>& wanted) {
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted);
  if (!paths) return std::nullopt;
  lua::LoadedRules rules = lua::load_rules(*paths, shipped_folder("scripts"));
  for (const lua::RuleMistake& mistake : rules.mistakes) std::cerr << "audit: " << mistake.text << '\n';
  if (!rules.mistakes.empty()) return std::nullopt;
  core::LoadedControls frameworks = core::load_frameworks(*paths, ids_of(rules.set));
  for (const inventory::Mistake& mistake : frameworks.mistakes) std::cerr << "audit: " << mistake.text() << '\n';
  if (!frameworks.mistakes.empty()) return std::nullopt;
  rules.set.controls = std::move(frameworks.controls);
  return std::move(rules.set);
}

std::unique_ptr<core::Plan> prepare_plan(const Sources& sources, std::shared_ptr<inventory::Inventory> inventory) {
  std::optional<lua::RuleSet> rules = load_rules_of(sources.rules);
  if (!rules) return nullptr;
  const std::string select = sources.select.empty() ? inventory->select : sources.select;
  const std::uint64_t seed = sources.seed.value_or(net::random_seed());
  core::PlanResult planned =
      core::make_plan(std::move(inventory), std::move(*rules), select, seed, sources.allow_empty);
  for (const std::string& mistake : planned.mistakes) std::cerr << "audit: " << mistake << '\n';
  return std::move(planned.plan);
}

net::ResolverConfig resolvers_of(const inventory::Inventory& inventory, const net::SystemNames& names) {
  net::ResolverConfig config = net::ResolverConfig::of_system(names);
  if (inventory.resolvers.empty()) return config;
  config.servers.clear();
  config.search.clear();
  config.use_system = false;
  config.timeout = inventory.limits.timeout;
  config.attempts = inventory.limits.attempts;
  for (const std::string& text : inventory.resolvers)
    if (const auto server = parse_socket(text, Transport::udp, dns_port)) config.servers.push_back(*server);
  return config;
}

probe::Identity identity_of(const inventory::Inventory& inventory, bool allow_commands,
                            const std::map<std::string, std::string>* recorded) {
  probe::Identity identity;
  identity.user_agent = inventory.user_agent.empty() ? fmt::format("audit/{}", version) : inventory.user_agent;
  identity.contact = inventory.contact;
  identity.credentials = recorded == nullptr ? look_up_credentials(inventory, allow_commands)
                                             : replay_credentials(inventory, allow_commands, *recorded);
  return identity;
}

}  // namespace audit::cli
