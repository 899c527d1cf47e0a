#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/paths.hpp"
#include "cli/rule_tests.hpp"
#include "cli/rules_bench.hpp"
#include "cli/rules_test_junit.hpp"
#include "cli/rules_test_output.hpp"
#include "cli/setup.hpp"
#include "cli/source_options.hpp"
#include "cli/transcript_options.hpp"
#include "cli/watch_files.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

struct TestOptions {
  std::vector<std::string> paths;
  std::vector<std::string> rules;  // --rules
  std::string junit;
  std::optional<double> coverage;  // percent, of each rule
  bool watch = false;
  bool json = false;
};

int complain(const std::vector<std::string>& mistakes) {
  for (const std::string& mistake : mistakes) std::cerr << "audit rules test: " << visible(mistake) << '\n';
  return exit_config;
}

/// Does the rule's file, its test, or anything but a rule stand among what changed? Then it is tested again.
bool concerns(const std::set<std::string>* changed, const lua::Rule& rule, const std::set<std::string>& rule_files) {
  if (changed == nullptr) return true;
  return std::any_of(changed->begin(), changed->end(), [&](const std::string& path) {
    return path == rule.path || path == trial::test_path_of(rule.path) || !rule_files.contains(path);
  });
}

/// The files that belong to one rule each; whatever else changes, a library or a removed rule, concerns all.
std::set<std::string> files_of(const lua::RuleSet& set) {
  std::set<std::string> files;
  for (const auto& rule : set.rules) {
    files.insert(rule->path);
    files.insert(trial::test_path_of(rule->path));
  }
  return files;
}

/// Runs what concerns the changed files, all where there are none given; the exit code.
int test_once(const TestOptions& options, const std::vector<std::string>& wanted,
              const std::set<std::string>* changed) {
  int refused = exit_config;
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted, refused);
  if (!paths) return refused;
  const std::optional<lua::RuleSet> set = load_rules_of(wanted, refused);
  if (!set) return refused;
  if (const std::vector<std::string> orphans = orphans_below(*paths); !orphans.empty()) return complain(orphans);
  trial::SuiteOptions suite_options;
  suite_options.load_recording = load_recording;
  suite_options.stopped = [] { return noted_signal() != 0; };
  const std::set<std::string> rule_files = files_of(*set);
  TestCounts counts;
  std::vector<std::string> mistakes;
  std::vector<trial::SuiteResult> suites;
  for (const auto& rule : set->rules) {
    if (noted_signal() != 0) return exit_complete;
    if (!concerns(changed, *rule, rule_files)) continue;
    std::string problem;
    const std::optional<std::string> test = read_test(trial::test_path_of(rule->path), problem);
    if (!problem.empty()) {
      mistakes.push_back(problem);
      continue;
    }
    trial::SuiteResult suite = trial::run_suite(*set, rule, test ? &*test : nullptr, suite_options);
    mistakes.insert(mistakes.end(), suite.mistakes.begin(), suite.mistakes.end());
    if (!suite.mistakes.empty()) {
      ++counts.wrong;
      continue;
    }
    if (options.coverage && suite.coverage() < *options.coverage) suite.below_coverage = true;
    counts.add(suite);
    options.json ? print_suite_json(suite) : print_suite(suite, options.coverage.has_value());
    std::fflush(stdout);
    suites.push_back(std::move(suite));
  }
  complain(mistakes);
  std::cerr << summary_of(counts, options.coverage) << '\n';
  if (!options.junit.empty()) {
    if (const Result<void> written = write_junit(options.junit, suites); !written) {
      std::cerr << "audit rules test: " << written.error().message << '\n';
      return exit_report;
    }
  }
  if (!mistakes.empty()) return exit_config;
  const bool good = std::all_of(suites.begin(), suites.end(), [](const auto& one) { return one.good(); });
  return good ? exit_complete : exit_findings;
}

/// Tests again what changes, until a signal ends it.
int watch(const TestOptions& options, const std::vector<std::string>& wanted) {
  constexpr auto between_looks = std::chrono::milliseconds(300);
  int refused = exit_config;
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted, refused);
  if (!paths) return refused;
  std::vector<std::string> watched;
  for (const std::string& path : *paths) {
    watched.push_back(path);
    std::error_code failure;
    if (!fs::is_directory(path, failure)) watched.push_back(trial::test_path_of(path));
  }
  watched.push_back(shipped_folder("scripts"));
  note_signals();
  WatchedFiles files(watched);
  (void)test_once(options, wanted, nullptr);
  while (noted_signal() == 0) {
    std::cerr << "watching; Ctrl-C ends it\n";
    std::set<std::string> changed;
    while (noted_signal() == 0 && changed.empty()) {
      std::this_thread::sleep_for(between_looks);
      changed = files.changed();
    }
    if (noted_signal() != 0) break;
    for (const std::string& path : changed) std::cerr << "changed: " << visible(path) << '\n';
    (void)test_once(options, wanted, &changed);
  }
  return noted_signal() == SIGTERM ? exit_sigterm : exit_sigint;
}

int test(const TestOptions& options) {
  std::vector<std::string> wanted = options.rules;
  for (const std::string& path : options.paths) wanted.push_back(rule_of_test(path));
  return options.watch ? watch(options, wanted) : test_once(options, wanted, nullptr);
}

}  // namespace

void add_rules_test(CLI::App& rules, int& code) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App* command = rules.add_subcommand(
      "test", "Runs rules against scripted peers: the tests beside them, and cases that nobody writes; sends nothing");
  add_rule_paths(*command, options->paths, options->rules);
  command->add_option("--junit", options->junit, "Write the results as JUnit XML too")->type_name("FILE");
  command
      ->add_option("--coverage", options->coverage,
                   "Fail a rule of which its own cases run fewer lines; the others are named")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  command->add_flag("--watch", options->watch, "Test again what changes, until Ctrl-C");
  add_json_option(*command, options->json);
  command->footer(
      "Exit codes: 0 all passed; 1 a case failed, or too few lines were run; 64 usage; 73 the JUnit file could not be\n"
      "written; 78 a rule or a test file is wrong; 130, 143 a watch was ended by SIGINT, SIGTERM.\n\n"
      "A rule's test stands beside it: ssh/greeting_test.lua; `audit rules new` writes both, rules/README.md tells "
      "how.\n"
      "Example: audit rules test mine --coverage 100 --junit results.xml");
  command->callback([options, &code] { code = test(*options); });
}

}  // namespace audit::cli
