#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/paths.hpp"
#include "cli/rules_bench.hpp"
#include "cli/rules_test_output.hpp"
#include "cli/setup.hpp"
#include "cli/transcript_options.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view test_ending = "_test.lua";
constexpr std::uintmax_t largest_test = 1U << 20U;

struct TestOptions {
  std::vector<std::string> paths;
  std::vector<std::string> rules;  // --rules
  bool json = false;
};

/// The rule that a test's path stands for; other paths as they are.
std::string rule_of(std::string path) {
  const std::size_t at = path.starts_with('+') ? 1 : 0;
  std::error_code failure;
  if (path.ends_with(test_ending) && fs::is_regular_file(path.substr(at), failure))
    path = path.substr(0, path.size() - test_ending.size()) + ".lua";
  return path;
}

/// Tests that have no rule beside them: nobody would run them.
std::vector<std::string> orphans_below(const std::vector<std::string>& paths) {
  std::vector<std::string> orphans;
  std::error_code failure;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path, failure)) continue;
    for (auto it = fs::recursive_directory_iterator(path, failure);
         !failure && it != fs::recursive_directory_iterator(); it.increment(failure)) {
      const std::string file = it->path().string();
      if (!file.ends_with(test_ending)) continue;
      const std::string rule = file.substr(0, file.size() - test_ending.size()) + ".lua";
      std::error_code ignored;
      if (!fs::exists(rule, ignored))
        orphans.push_back(fmt::format("{}: there is no rule {} beside it", file, fs::path(rule).filename().string()));
    }
  }
  std::sort(orphans.begin(), orphans.end());
  return orphans;
}

/// The text of a rule's test; none where there is no such file. `problem` says why one that is there cannot be had.
std::optional<std::string> read_test(const std::string& path, std::string& problem) {
  std::error_code failure;
  if (!fs::exists(path, failure)) return std::nullopt;
  const std::uintmax_t size = fs::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  if (!file || failure) {
    problem = path + ": cannot be read";
  } else if (size > largest_test) {
    problem = fmt::format("{}: is {} bytes long; a test is at most 1 MiB", path, size);
  }
  if (!problem.empty()) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

int complain(const std::vector<std::string>& mistakes) {
  for (const std::string& mistake : mistakes) std::cerr << "audit rules test: " << visible(mistake) << '\n';
  return exit_config;
}

/// All suites once; the exit code.
int test_once(const TestOptions& options, const std::vector<std::string>& wanted) {
  const std::optional<std::vector<std::string>> paths = rule_paths_of(wanted);
  if (!paths) return exit_config;
  const std::optional<lua::RuleSet> set = load_rules_of(wanted);
  if (!set) return exit_config;
  if (const std::vector<std::string> orphans = orphans_below(*paths); !orphans.empty()) return complain(orphans);
  trial::SuiteOptions suite_options;
  suite_options.load_recording = load_recording;
  TestCounts counts;
  std::vector<std::string> mistakes;
  bool good = true;
  for (const auto& rule : set->rules) {
    std::string problem;
    const std::optional<std::string> test = read_test(trial::test_path_of(rule->path), problem);
    if (!problem.empty()) {
      mistakes.push_back(problem);
      continue;
    }
    const trial::SuiteResult suite = trial::run_suite(*set, rule, test ? &*test : nullptr, suite_options);
    mistakes.insert(mistakes.end(), suite.mistakes.begin(), suite.mistakes.end());
    if (!suite.mistakes.empty()) continue;
    counts.add(suite);
    good = good && suite.good();
    options.json ? print_suite_json(suite) : print_suite(suite);
  }
  std::fflush(stdout);
  complain(mistakes);
  std::cerr << summary_of(counts) << '\n';
  if (!mistakes.empty()) return exit_config;
  return good ? exit_complete : exit_findings;
}

int test(const TestOptions& options) {
  std::vector<std::string> wanted = options.rules;
  for (const std::string& path : options.paths) wanted.push_back(rule_of(path));
  return test_once(options, wanted);
}

}  // namespace

void add_rules_test(CLI::App& rules, int& code) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App* command = rules.add_subcommand(
      "test", "Runs rules against scripted peers: the tests beside them, and cases that nobody writes; sends nothing");
  command
      ->add_option("PATH", options->paths, "Rules in place of the shipped ones, a file or a folder; +PATH beside them")
      ->type_name("");
  command->add_option("--rules", options->rules, "The same, as the other commands have it")
      ->type_name("PATH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer(
      "Exit codes: 0 all passed, 1 a case failed, 64 usage, 78 a rule or a test file is wrong.\n\n"
      "Example: audit rules test mine/ssh/greeting.lua");
  command->callback([options, &code] { code = test(*options); });
}

}  // namespace audit::cli
