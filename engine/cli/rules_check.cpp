#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <tuple>

#include "audit/frameworks.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/paths.hpp"
#include "cli/rule_tests.hpp"
#include "cli/rules_bench.hpp"
#include "cli/setup.hpp"
#include "cli/source_options.hpp"
#include "lua/inspection.hpp"
#include "trial/suite.hpp"

namespace audit::cli {
namespace {

struct CheckOptions {
  std::vector<std::string> paths;
  std::vector<std::string> rules;  // --rules
  bool strict = false;
  bool json = false;
};

void print_json(const lua::Complaint& one) {
  Value::Object object;
  object["column"] = static_cast<std::int64_t>(one.column);
  object["file"] = one.file;
  object["kind"] = one.kind;
  object["line"] = static_cast<std::int64_t>(one.line);
  object["rule"] = one.rule;
  object["text"] = one.text;
  object["warning"] = one.warning;
  print_line(object);
}

/// As compilers do, so that editors find the place.
void print_line(const lua::Complaint& one) {
  std::string place = visible(one.file);
  if (one.line != 0) place += fmt::format(":{}", one.line);
  if (one.column != 0) place += fmt::format(":{}", one.column);
  const std::string of = one.rule.empty() ? one.kind : visible(one.rule) + ", " + one.kind;
  fmt::print("{}: {}: {} [{}]\n", place, one.warning ? "warning" : "error", visible(one.text), of);
}

void print_all(const std::vector<lua::Complaint>& complaints, bool json) {
  const std::string* file = nullptr;
  for (const lua::Complaint& one : complaints) {
    if (json) {
      print_json(one);
      continue;
    }
    if (file != nullptr && *file != one.file) fmt::print("\n");
    file = &one.file;
    print_line(one);
  }
  std::fflush(stdout);
}

/// What frameworks/ says of rules that all load: of others a glob may match what is not there.
void add_frameworks(const std::vector<std::string>& paths, const lua::LoadedRules& rules,
                    std::vector<lua::Complaint>& complaints) {
  if (!rules.mistakes.empty()) return;
  for (const inventory::Mistake& mistake : core::load_frameworks(paths, ids_of(rules.set)).mistakes)
    complaints.push_back(
        {mistake.place.file, mistake.place.line, mistake.place.column, "", "framework", false, mistake.message});
}

/// Looks at the tests beside the rules; gives back how many there are.
std::size_t check_tests(const std::vector<std::string>& paths, const lua::LoadedRules& loaded,
                        std::vector<lua::Complaint>& complaints) {
  std::size_t tests = 0;
  const auto add = [&](const std::string& file, const std::string& rule, std::string_view text) {
    lua::Complaint one;
    one.file = file;
    one.rule = rule;
    one.kind = "test";
    if (text.starts_with(file + ":")) text.remove_prefix(file.size() + 1);
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), one.line);
    if (failure == std::errc() && end != text.data() + text.size() && *end == ':')
      text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    one.text = text;
    complaints.push_back(std::move(one));
  };
  for (const auto& rule : loaded.set.rules) {
    const std::string file = trial::test_path_of(rule->path);
    std::string problem;
    const std::optional<std::string> text = read_test(file, problem);
    if (!problem.empty()) add(file, rule->record.id, problem);
    if (!text) continue;
    ++tests;
    for (const std::string& mistake : trial::mistakes_of_test(loaded.set, *rule, *text))
      add(file, rule->record.id, mistake);
  }
  for (const std::string& orphan : orphans_below(paths)) add(orphan.substr(0, orphan.find(": ")), "", orphan);
  return tests;
}

int check(const CheckOptions& options) {
  std::vector<std::string> wanted = options.rules;
  wanted.insert(wanted.end(), options.paths.begin(), options.paths.end());
  int refused = exit_config;
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted, refused);
  if (!paths) return refused;
  lua::Inspection inspection = lua::inspect_rules(*paths, shipped_folder("scripts"));
  const lua::LoadedRules loaded = lua::load_rules(*paths, shipped_folder("scripts"));
  add_frameworks(*paths, loaded, inspection.complaints);
  const std::size_t tests = check_tests(*paths, loaded, inspection.complaints);
  std::stable_sort(inspection.complaints.begin(), inspection.complaints.end(), [](const auto& a, const auto& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  print_all(inspection.complaints, options.json);
  const auto warnings = static_cast<std::uint64_t>(std::count_if(
      inspection.complaints.begin(), inspection.complaints.end(), [](const auto& one) { return one.warning; }));
  const std::uint64_t errors = inspection.complaints.size() - warnings;
  std::cerr << counted(inspection.files, "rule file") << (tests != 0 ? ", " + counted(tests, "test") : "")
            << (inspection.modules != 0
                    ? fmt::format(" and {} that they require", counted(inspection.modules, "library", "libraries"))
                    : "")
            << ": "
            << (errors + warnings == 0 ? "nothing to complain of"
                                       : counted(errors, "error") + ", " + counted(warnings, "warning"))
            << '\n';
  return errors != 0 || (options.strict && warnings != 0) ? exit_config : exit_complete;
}

}  // namespace

void add_rules_check(CLI::App& rules, int& code) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command = rules.add_subcommand(
      "check", "Looks for mistakes in rules, their tests and the libraries that they require; runs no check");
  add_rule_paths(*command, options->paths, options->rules);
  command->add_flag("--strict", options->strict, "Exit 78 for warnings too");
  add_json_option(*command, options->json);
  command->footer("Exit codes: 0 nothing but warnings, 64 usage, 78 a rule that is wrong.");
  command->callback([options, &code] { code = check(*options); });
}

}  // namespace audit::cli
