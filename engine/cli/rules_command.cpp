#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "audit/policy.hpp"
#include "audit/select.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/rules_bench.hpp"
#include "cli/setup.hpp"
#include "cli/source_options.hpp"

namespace audit::cli {
namespace {

struct RulesOptions {
  std::vector<std::string> rules;  // --rules
  std::string select;
  std::vector<std::string> ids;
  bool json = false;
};

/// A rule of a file, or one of the engine's own, which has no more than its record.
struct Listed {
  RuleRecord record;
  std::shared_ptr<const lua::Rule> rule;
  std::map<std::string, std::vector<std::string>> controls;  // by framework
  std::string_view setting = {};                             // of a built-in one: the key it holds for
};

struct AllRules {
  std::vector<Listed> all;  // by id
  Controls controls;
};

std::optional<AllRules> all_rules(const std::vector<std::string>& wanted, int& refused) {
  std::optional<lua::RuleSet> set = load_rules_of(wanted, refused);
  if (!set) return std::nullopt;
  AllRules rules;
  for (const auto& rule : set->rules) rules.all.push_back({rule->record, rule, set->controls.of(rule->record.id), {}});
  for (const core::Policy& policy : core::policies())
    rules.all.push_back({policy.record, nullptr, set->controls.of(policy.record.id), policy.setting});
  std::sort(rules.all.begin(), rules.all.end(),
            [](const Listed& a, const Listed& b) { return a.record.id < b.record.id; });
  rules.controls = std::move(set->controls);
  return rules;
}

std::string subject_of(const Listed& listed) {
  if (!listed.rule) return std::string(listed.setting);
  return listed.rule->requires_nothing ? "always" : listed.record.ports.format();
}

Value::Array list_of(const std::vector<std::string>& texts) {
  Value::Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

std::string text_of(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return '"' + visible(*text) + '"';
  rapidjson::StringBuffer buffer;
  JsonLine json(buffer);
  put_value(json, value);
  return buffer.GetString();
}

void print_json(const Listed& listed) {
  const RuleRecord& record = listed.record;
  Value::Object object;
  Value::Object controls;
  for (const auto& [framework, ids] : listed.controls) controls[framework] = list_of(ids);
  object["controls"] = std::move(controls);
  object["file"] = record.file;
  object["id"] = record.id;
  object["ports"] = record.ports.format();
  object["rationale"] = record.rationale;
  object["references"] = list_of(record.references);
  object["remediation"] = record.remediation;
  object["safety"] = std::string(name_of(record.safety));
  object["severity"] = std::string(name_of(record.severity));
  object["sha256"] = record.sha256;
  object["tags"] = list_of(record.tags);
  object["title"] = record.title;
  if (listed.rule) {
    object["absent"] = std::string(name_of(listed.rule->absent));
    object["requires_nothing"] = listed.rule->requires_nothing;
    object["scope"] = std::string(lua::name_of(listed.rule->scope));
    Value::Object params;
    for (const auto& [name, param] : listed.rule->params) {
      Value::Object one;
      one["default"] = param.fallback;
      one["help"] = param.help;
      one["type"] = param.type;
      params[name] = std::move(one);
    }
    object["params"] = std::move(params);
  }
  print_line(object);
}

void print_line(const Listed& listed) {
  std::string controls;
  for (const auto& [framework, ids] : listed.controls)
    controls += fmt::format("{}{} {}", controls.empty() ? "" : "; ", framework, fmt::join(ids, " "));
  fmt::print("{:<28} {:<8} {:<9} {:<24} {}{}\n", listed.record.id, name_of(listed.record.severity),
             name_of(listed.record.safety), subject_of(listed), visible(listed.record.title),
             controls.empty() ? "" : " [" + controls + "]");
}

std::string_view meaning_of(Safety safety) {
  switch (safety) {
    case Safety::connect: return "opens and closes a port";
    case Safety::normal: return "speaks the protocol as a client would";
    case Safety::intrusive:
      return "writes, guesses or asks hundreds of times: runs only where it is selected and allowed";
  }
  return {};
}

std::string_view when_of(lua::Scope scope) {
  switch (scope) {
    case lua::Scope::target: return "once for each target";
    case lua::Scope::endpoint: return "once for each open port";
    case lua::Scope::run: return "collected of each target; judged once, at the end of the run (target `*`)";
  }
  return {};
}

void print_field(std::string_view name, const std::string& text) {
  if (!text.empty()) fmt::print("  {:<12} {}\n", name, visible(text));
}

/// "NIST-800-53/CM-7: Least Functionality (partial: …)"
void print_controls(const Controls& controls, const std::string& rule) {
  for (const Framework& framework : controls.frameworks)
    for (const Framework::Control& control : framework.controls)
      if (const Framework::Mapping* mapping = control.mapping_of(rule); mapping != nullptr)
        print_field("control", fmt::format("{}/{}: {} ({}: {})", framework.id, control.id, control.title,
                                           name_of(mapping->supports), mapping->why));
}

void print_whole(const Listed& listed, const Controls& controls) {
  const RuleRecord& record = listed.record;
  fmt::print("{}: {}\n", record.id, visible(record.title));
  print_field("severity", std::string(name_of(record.severity)));
  print_field("safety", fmt::format("{}: {}", name_of(record.safety), meaning_of(record.safety)));
  const lua::Scope scope = listed.rule ? listed.rule->scope : lua::Scope::target;
  print_field("asks", fmt::format("{}, {}", subject_of(listed), when_of(scope)));
  if (listed.rule && !listed.rule->requires_nothing && scope != lua::Scope::run)
    print_field("absent", fmt::format("{}, where every port is closed, or filtered on a target that lives",
                                      name_of(listed.rule->absent)));
  print_field("tags", fmt::format("{}", fmt::join(record.tags, ", ")));
  print_field("rationale", record.rationale);
  print_field("remediation", record.remediation);
  for (const std::string& reference : record.references) print_field("reference", reference);
  print_controls(controls, record.id);
  if (listed.rule)
    for (const auto& [name, param] : listed.rule->params)
      print_field("parameter",
                  fmt::format("{} ({}, default {}): {}", name, param.type, text_of(param.fallback), param.help));
  print_field("file", record.file);
  print_field("sha256", record.sha256);
}

int list(const RulesOptions& options) {
  int refused = exit_config;
  const std::optional<AllRules> rules = all_rules(options.rules, refused);
  if (!rules) return refused;
  std::optional<core::Selection> selection;
  if (!options.select.empty()) {
    std::vector<RuleRecord> records;
    for (const Listed& one : rules->all) records.push_back(one.record);
    selection = parse_selection(options.select, records, rules->controls, false, refused);
    if (!selection) return refused;
  }
  std::size_t shown = 0;
  for (const Listed& one : rules->all) {
    if (selection && !selection->matches(one.record, rules->controls)) continue;
    ++shown;
    options.json ? print_json(one) : print_line(one);
  }
  std::cout << std::flush;
  std::fflush(stdout);
  std::cerr << counted(shown, "rule") << (selection ? fmt::format(" of {}", rules->all.size()) : "") << '\n';
  return exit_complete;
}

int show(const RulesOptions& options) {
  int refused = exit_config;
  const std::optional<AllRules> rules = all_rules(options.rules, refused);
  if (!rules) return refused;
  std::vector<std::string_view> ids;
  for (const Listed& one : rules->all) ids.push_back(one.record.id);
  for (const std::string& wanted : options.ids) {
    if (std::any_of(ids.begin(), ids.end(), [&](std::string_view id) { return glob_match(wanted, id); })) continue;
    const std::string_view close = nearest(wanted, ids);
    std::cerr << "audit rules show: there is no rule `" << visible(wanted) << '`'
              << (close.empty() ? "; `audit rules list` shows what there is"
                                : fmt::format("; did you mean `{}`?", close))
              << '\n';
    return exit_usage;
  }
  bool first = true;
  for (const Listed& one : rules->all) {
    if (std::none_of(options.ids.begin(), options.ids.end(),
                     [&](const std::string& wanted) { return glob_match(wanted, one.record.id); }))
      continue;
    if (options.json) {
      print_json(one);
    } else {
      if (!std::exchange(first, false)) fmt::print("\n");
      print_whole(one, rules->controls);
    }
  }
  return exit_complete;
}

void add_common(CLI::App& command, RulesOptions& options) {
  add_rules_option(command, options.rules);
  add_json_option(command, options.json);
}

}  // namespace

void add_rules(CLI::App& program, int& code) {
  CLI::App* rules = program.add_subcommand("rules", "Lists, shows, checks, tests and begins rules; sends nothing");
  rules->require_subcommand(1);
  rules->footer("audit rules COMMAND --help tells more. rules/README.md teaches how to write a rule.");
  const auto listing = std::make_shared<RulesOptions>();
  CLI::App* list_command = rules->add_subcommand("list", "The rules, a line each: id, severity, safety, ports, title");
  add_common(*list_command, *listing);
  add_select_option(*list_command, listing->select);
  list_command->footer(
      "Exit codes: 0 listed; 64 usage, or a selection that matches nothing; 78 a rule or a framework that is wrong.\n\n"
      "Examples:\n"
      "  audit rules list --select 'tls and severity>=medium'\n"
      "  audit rules list --select control:PCI-DSS/2.2.7 --rules +mine");
  list_command->callback([listing, &code] { code = list(*listing); });
  const auto showing = std::make_shared<RulesOptions>();
  CLI::App* show_command = rules->add_subcommand("show", "All that a rule says of itself, its parameters too");
  show_command->add_option("ID", showing->ids, "Ids of rules, or globs such as 'exposure.*'")->required();
  add_common(*show_command, *showing);
  show_command->footer(
      "Exit codes: 0 shown; 64 usage, or no such rule; 78 a rule or a framework that is wrong.\n\n"
      "Examples:\n"
      "  audit rules show exposure.telnet-open\n"
      "  audit rules show 'policy.*'                       the built-in rules, for what an inventory expects");
  show_command->callback([showing, &code] { code = show(*showing); });
  add_rules_check(*rules, code);
  add_rules_frameworks(*rules, code);
  add_rules_new(*rules, code);
  add_rules_test(*rules, code);
}

}  // namespace audit::cli
