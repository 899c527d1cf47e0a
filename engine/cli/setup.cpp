#include "cli/setup.hpp"

#include <fmt/format.h>

#include <iostream>

#include "audit/frameworks.hpp"
#include "audit/policy.hpp"
#include "base/text.hpp"
#include "cli/credentials.hpp"
#include "cli/exit_code.hpp"
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

template <class Mistakes>
void print_mistakes(const Mistakes& mistakes) {
  for (const auto& mistake : mistakes) {
    if constexpr (std::is_same_v<std::decay_t<decltype(mistake)>, std::string>)
      std::cerr << "audit: " << mistake << '\n';
    else
      std::cerr << "audit: " << mistake.text() << '\n';
  }
}

}  // namespace

std::shared_ptr<inventory::Inventory> load_inventory(const Sources& sources, int& code,
                                                     inventory::LoadOptions options) {
  const bool typed = sources.inventory.empty();
  options.access = sources.allow_commands ? inventory::SourceAccess::commands : inventory::SourceAccess::files;
  inventory::Loaded loaded = typed ? inventory::from_targets(sources.targets, sources.written)
                                   : inventory::load_file(sources.inventory, options);
  print_mistakes(loaded.mistakes);
  if (!loaded.inventory) {
    code = typed || (sources.inventory != "-" && !is_there(sources.inventory)) ? exit_usage : exit_config;
    return nullptr;
  }
  if (!sources.limit.empty()) {
    const std::vector<std::string> mistakes =
        inventory::limit_to(*loaded.inventory, sources.limit, sources.allow_empty);
    print_mistakes(mistakes);
    if (!mistakes.empty()) {
      code = exit_usage;
      return nullptr;
    }
  }
  return std::make_shared<inventory::Inventory>(std::move(*loaded.inventory));
}

std::optional<std::vector<std::string>> rule_paths_of(const std::vector<std::string>& wanted, int& code) {
  bool shipped = false;
  std::vector<std::string> paths = rule_paths(wanted, shipped);
  if (shipped && paths.front().empty()) {
    std::cerr << "audit: the shipped rules are not found beside the program; name a folder with --rules PATH\n";
    code = exit_config;
    return std::nullopt;
  }
  bool good = true;
  for (const std::string& path : paths) {
    if (is_there(path)) continue;
    std::cerr << "audit: " << visible(path) << ": there is no such rule file or folder\n";
    good = false;
  }
  if (good) return paths;
  code = exit_usage;
  return std::nullopt;
}

std::vector<std::string> ids_of(const lua::RuleSet& rules) {
  std::vector<std::string> ids;
  for (const auto& rule : rules.rules) ids.push_back(rule->record.id);
  for (const RuleRecord& rule : core::policy_rules()) ids.push_back(rule.id);
  return ids;
}

std::optional<lua::RuleSet> load_rules_of(const std::vector<std::string>& wanted, int& code) {
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted, code);
  if (!paths) return std::nullopt;
  code = exit_config;
  lua::LoadedRules rules = lua::load_rules(*paths, shipped_folder("scripts"));
  for (const lua::RuleMistake& mistake : rules.mistakes) std::cerr << "audit: " << visible(mistake.text) << '\n';
  if (!rules.mistakes.empty()) return std::nullopt;
  core::LoadedControls frameworks = core::load_frameworks(*paths, ids_of(rules.set));
  print_mistakes(frameworks.mistakes);
  if (!frameworks.mistakes.empty()) return std::nullopt;
  rules.set.controls = std::move(frameworks.controls);
  return std::move(rules.set);
}

std::optional<core::Selection> parse_selection(const std::string& select, const std::vector<RuleRecord>& rules,
                                               const Controls& controls, bool allow_empty, int& code) {
  code = exit_usage;
  Result<core::Selection> parsed = core::Selection::parse(select);
  if (!parsed) {
    std::cerr << "audit: --select: " << parsed.error().message << '\n';
    return std::nullopt;
  }
  const std::vector<std::string> unmatched =
      allow_empty ? std::vector<std::string>() : parsed->unmatched(rules, controls);
  for (const std::string& word : unmatched)
    std::cerr << "audit: --select: `" << visible(word) << "` matches no rule; `audit rules list` shows what there is\n";
  if (!unmatched.empty()) return std::nullopt;
  return std::move(*parsed);
}

std::unique_ptr<core::Plan> prepare_plan(const Sources& sources, std::shared_ptr<inventory::Inventory> inventory,
                                         int& code) {
  std::optional<lua::RuleSet> rules = load_rules_of(sources.rules, code);
  if (!rules) return nullptr;
  if (!sources.select.empty()) {
    std::vector<RuleRecord> records = core::policy_rules();
    for (const auto& rule : rules->rules) records.push_back(rule->record);
    if (!parse_selection(sources.select, records, rules->controls, sources.allow_empty, code)) return nullptr;
  }
  const std::string select = sources.select.empty() ? inventory->select : sources.select;
  const std::uint64_t seed = sources.seed.value_or(net::random_seed());
  core::PlanResult planned =
      core::make_plan(std::move(inventory), std::move(*rules), select, seed, sources.allow_empty);
  print_mistakes(planned.mistakes);
  code = exit_config;
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
