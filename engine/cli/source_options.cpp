#include "cli/source_options.hpp"

#include <iostream>

namespace audit::cli {
namespace {

constexpr const char* which_rules = "Rules in place of the shipped ones, a file or a folder; +PATH beside them";

}  // namespace

void add_allow_commands(CLI::App& command, bool& allow) {
  command.add_flag("--allow-commands", allow, "Run the commands that the inventory names; without it none is run");
}

void add_rules_option(CLI::App& command, std::vector<std::string>& rules) {
  command.add_option("--rules", rules, which_rules)
      ->type_name("PATH")
      ->expected(1)
      ->allow_extra_args(false)  // what follows the path is another argument
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_rule_paths(CLI::App& command, std::vector<std::string>& paths, std::vector<std::string>& rules) {
  command.add_option("PATH", paths, which_rules)->type_name("");
  add_rules_option(command, rules);
}

void add_select_option(CLI::App& command, std::string& select) {
  command
      .add_option("--select", select,
                  "Which rules: ids, globs, families, tags, severity>=high, control:NAME/ID, with and, or, not")
      ->type_name("EXPR");
}

void add_json_option(CLI::App& command, bool& json) { command.add_flag("--json", json, "One JSON object a line"); }

void add_inventory_options(CLI::App& command, Sources& sources) {
  command.add_option("INVENTORY", sources.inventory, "The inventory, a TOML file; - for standard input");
  command.add_option("--target", sources.targets, "Addresses, CIDRs, ranges or names, in place of an inventory")
      ->type_name("HOST,CIDR...");
  add_allow_commands(command, sources.allow_commands);
}

std::string not_negative(const std::string& text) {
  return text.starts_with('-') ? "a number from 0 is needed, not `" + text + "`" : std::string();
}

void add_source_options(CLI::App& command, Sources& sources) {
  add_inventory_options(command, sources);
  add_rules_option(command, sources.rules);
  add_select_option(command, sources.select);
  command
      .add_option("--limit", sources.limit,
                  "Only these targets: addresses, CIDRs, names, globs over names, group:NAME, ZONE/*")
      ->type_name("PATTERN")
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_flag("--allow-empty", sources.allow_empty,
                   "Let --limit match no target, or --select no rule; a run that plans nothing still ends with 2");
  command.add_option("--seed", sources.seed, "Fixes the order in which addresses are asked; the report names it")
      ->check(not_negative)
      ->type_name("N");
}

bool check_sources(const CLI::App& command, const Sources& sources) {
  if (sources.inventory.empty() != sources.targets.empty()) return true;
  if (sources.inventory.empty()) {
    std::cerr << "audit " << command.get_name() << ": name an INVENTORY, or targets with --target\n";
  } else {
    std::cerr << "audit " << command.get_name() << ": name an INVENTORY or --target, not both\n";
  }
  return false;
}

}  // namespace audit::cli
