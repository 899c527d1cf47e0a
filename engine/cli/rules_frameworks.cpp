#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/rules_bench.hpp"
#include "cli/setup.hpp"
#include "cli/source_options.hpp"

namespace audit::cli {
namespace {

struct FrameworksOptions {
  std::vector<std::string> wanted;
  std::vector<std::string> rules;  // --rules
  bool json = false;
};

/// "NIST-800-53" or "NIST-800-53/CM-7", both parts globs.
bool is_wanted(const std::string& wanted, const std::string& framework, const std::string& control) {
  const std::size_t slash = wanted.find('/');
  return glob_match(wanted.substr(0, slash), framework) &&
         (slash == std::string::npos || glob_match(wanted.substr(slash + 1), control));
}

bool is_wanted(const FrameworksOptions& options, const Framework& framework, const Framework::Control& control) {
  return options.wanted.empty() || std::any_of(options.wanted.begin(), options.wanted.end(), [&](const auto& wanted) {
           return is_wanted(wanted, framework.id, control.id);
         });
}

/// What was asked for and is not there, "" where all is.
std::string stranger(const FrameworksOptions& options, const Controls& controls) {
  std::vector<std::string> names;
  for (const Framework& framework : controls.frameworks) {
    names.push_back(framework.id);
    for (const Framework::Control& control : framework.controls) names.push_back(framework.id + "/" + control.id);
  }
  for (const std::string& wanted : options.wanted) {
    const bool known = std::any_of(controls.frameworks.begin(), controls.frameworks.end(), [&](const auto& framework) {
      return std::any_of(framework.controls.begin(), framework.controls.end(),
                         [&](const auto& control) { return is_wanted(wanted, framework.id, control.id); });
    });
    if (known) continue;
    const std::string_view close = nearest(wanted, std::vector<std::string_view>(names.begin(), names.end()));
    return fmt::format("there is no control `{}`{}", visible(wanted),
                       close.empty() ? std::string("; `audit rules frameworks` shows what there is")
                                     : fmt::format("; did you mean `{}`?", close));
  }
  return {};
}

void print_json(const Framework& framework, const Framework::Control& control) {
  Value::Array rules;
  for (const Framework::Mapping& mapping : control.rules) {
    Value::Object row;
    row["rule"] = mapping.rule;
    row["supports"] = std::string(name_of(mapping.supports));
    row["why"] = mapping.why;
    rules.emplace_back(std::move(row));
  }
  Value::Object object;
  object["control"] = control.id;
  object["covered"] = !control.rules.empty();
  object["file"] = framework.file;
  object["framework"] = framework.id;
  object["rules"] = std::move(rules);
  object["title"] = control.title;
  object["version"] = framework.version;
  print_line(object);
}

void print_control(const Framework::Control& control) {
  fmt::print("  {:<10} {}\n", control.id, visible(control.title));
  if (control.rules.empty()) fmt::print("  {:<10}   not covered: no rule bears on it\n", "");
  for (const Framework::Mapping& mapping : control.rules)
    fmt::print("  {:<10}   {:<7} {}: {}\n", "", name_of(mapping.supports), mapping.rule, visible(mapping.why));
}

void print_head(const Framework& framework) {
  const auto covered = std::count_if(framework.controls.begin(), framework.controls.end(),
                                     [](const Framework::Control& control) { return !control.rules.empty(); });
  fmt::print("{}{}: {}\n", framework.id, framework.version.empty() ? "" : " " + visible(framework.version),
             visible(framework.title));
  fmt::print("{} of {} covered by rules; {}\n", covered, counted(framework.controls.size(), "control"),
             visible(framework.file));
  if (!framework.note.empty()) fmt::print("{}\n", visible(framework.note));
}

int frameworks(const FrameworksOptions& options) {
  int refused = exit_config;
  const std::optional<lua::RuleSet> set = load_rules_of(options.rules, refused);
  if (!set) return refused;
  if (const std::string complaint = stranger(options, set->controls); !complaint.empty()) {
    std::cerr << "audit rules frameworks: " << complaint << '\n';
    return exit_usage;
  }
  std::size_t shown = 0;
  std::size_t covered = 0;
  for (const Framework& framework : set->controls.frameworks) {
    bool first = true;
    for (const Framework::Control& control : framework.controls) {
      if (!is_wanted(options, framework, control)) continue;
      covered += control.rules.empty() ? 0 : 1;
      if (options.json) {
        ++shown;
        print_json(framework, control);
        continue;
      }
      if (first && shown > 0) fmt::print("\n");
      ++shown;
      if (std::exchange(first, false)) print_head(framework);
      print_control(control);
    }
  }
  std::fflush(stdout);
  std::cerr << counted(shown, "control") << ", " << covered << " covered by rules\n";
  return exit_complete;
}

}  // namespace

void add_rules_frameworks(CLI::App& rules, int& code) {
  const auto options = std::make_shared<FrameworksOptions>();
  CLI::App* command = rules.add_subcommand(
      "frameworks", "The controls of catalogues, which rules bear on each, how far and why, and which no rule covers");
  command
      ->add_option("CONTROL", options->wanted,
                   "Frameworks, or controls of them: NIST-800-53, 'PCI-DSS/2.2.*'; all where left out")
      ->type_name("");
  add_rules_option(*command, options->rules);
  add_json_option(*command, options->json);
  command->footer(
      "What a run says of them is in its reports. `--select control:NAME/ID` runs the rules that bear on a control.\n"
      "Exit codes: 0, 64 usage, 78 a rule or a framework that is wrong.");
  command->callback([options, &code] { code = frameworks(*options); });
}

}  // namespace audit::cli
