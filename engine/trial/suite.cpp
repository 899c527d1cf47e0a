#include "trial/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "trial/criterion.hpp"
#include "trial/generate.hpp"
#include "trial/read_script.hpp"

namespace audit::trial {
namespace {

/// One rule's tests while they run.
class Suite {
 public:
  Suite(const lua::RuleSet& rules, const std::shared_ptr<const lua::Rule>& rule, const SuiteOptions& options)
      : rules_(rules), rule_(rule), options_(options), lines_(rule->path, rule->source) {
    made_.rule = rule->record.id;
    made_.rule_path = rule->path;
  }

  SuiteResult run(const std::string* test) {
    if (test != nullptr) {
      made_.test_path = test_path_of(rule_->path);
      if (std::string failure = file_.load(made_.test_path, *test, rules_); !failure.empty()) {
        made_.mistakes.push_back(std::move(failure));
      } else {
        script_ = read_script(file_, made_.test_path, *rule_, made_.mistakes);
      }
      if (!made_.mistakes.empty()) return std::move(made_);
    }
    for (const Case& one : script_.cases) {
      if (options_.stopped && options_.stopped()) break;
      run_case(one);
    }
    count_coverage();
    if (!ports_met_) run_ports_alone();
    for (const Acceptance& one : script_.acceptances)
      if (one.used == 0) tell_unused(one);
    return std::move(made_);
  }

 private:
  void run_case(const Case& one) {
    std::vector<Subject> subjects{one.subject};
    subjects.insert(subjects.end(), one.others.begin(), one.others.end());
    std::unique_ptr<net::Recording> recording;
    Seen seen;
    if (one.transcript) {
      Result<std::unique_ptr<net::Recording>> loaded = load(*one.transcript);
      if (!loaded) {
        seen.trouble = loaded.error().message;
      } else {
        recording = std::move(*loaded);
        subjects.resize(one.transcript->targets.size());
        for (std::size_t i = 0; i < subjects.size(); ++i) {
          const std::string& target = one.transcript->targets[i];
          subjects[i].name = parse_address(target) ? "" : target;
          if (subjects[i].name.empty()) subjects[i].addresses = {target};
        }
      }
    }
    Stage stage(rules_, rule_, std::move(subjects));
    if (!stage.trouble().empty()) seen.trouble = stage.trouble();
    if (seen.trouble.empty()) {
      stage.machine().count_lines(&lines_);
      seen = recording ? stage.replay(*recording) : stage.play(one, &file_);
      stage.machine().count_lines(nullptr);
    }
    CaseResult result;
    result.name = one.name;
    result.line = one.line;
    result.differences = compare(one.expected, seen, file_);
    result.outcome = result.differences.empty() ? Outcome::passed : Outcome::failed;
    result.said = seen.said;
    result.began = seen.began;
    const bool good = result.differences.empty();
    made_.results.push_back(std::move(result));
    if (!good || recording) {
      ++made_.skipped;
      return;
    }
    for (const Peer& peer : one.peers) ports_met_ = ports_met_ || peer.event == net::PortEvent::open;
    run_variants(stage, one, seen, &seen.check);
  }

  void count_coverage() {
    for (const std::uint32_t line : lua::lines_with_code(rule_->source)) {
      ++made_.lines;
      if (line >= lines_.times.size() || lines_.times[line] == 0) made_.uncovered.push_back(line);
    }
  }

  /// Of a rule whose cases have no open port: what its ports may do.
  void run_ports_alone() {
    std::vector<Case> cases = cases_of_ports(*rule_);
    Stage stage(rules_, rule_, {cases.front().subject});
    if (!stage.trouble().empty()) {
      made_.mistakes.push_back(stage.trouble());
      return;
    }
    const std::size_t ports = rule_->record.ports.tcp.size() + rule_->record.ports.udp.size();
    if (ports > cases.size()) made_.ports_left_out += ports - cases.size();
    for (Case& one : cases) {
      one.name = "its ports alone";
      const Seen seen = stage.play(one, nullptr);
      run_variants(stage, one, seen, nullptr);
    }
  }

  void run_variants(Stage& stage, const Case& one, const Seen& seen, const Check* base) {
    const Variants variants = vary(one, seen);
    made_.left_out += variants.left_out;
    for (const Variant& variant : variants.list) {
      if (options_.stopped && options_.stopped()) return;
      Seen bent = stage.play(variant.scripted, &file_);
      const std::optional<Fault> fault = find_fault(variant, base, bent);
      Tally& tally = made_.generated[{one.name, std::string(name_of(variant.kind))}];
      ++tally.run;
      if (!fault) continue;
      CaseResult result;
      result.name = one.name;
      result.line = one.line;
      result.kind = name_of(variant.kind);
      result.how = variant.how;
      result.verdict = fault->verdict;
      result.why = fault->why;
      result.outcome = Outcome::failed;
      if (const Acceptance* accepted = acceptance_of(one.name, result.kind, fault->status)) {
        result.outcome = Outcome::accepted;
        result.why = accepted->why;
        ++tally.accepted;
      } else {
        ++tally.failed;
        result.said = std::move(bent.said);
        result.began = bent.began;
      }
      made_.results.push_back(std::move(result));
    }
  }

  const Acceptance* acceptance_of(const std::string& name, const std::string& kind, Status status) const {
    for (const Acceptance& one : script_.acceptances) {
      if (!glob_match(one.of, name) || !glob_match(one.kind, kind) || (one.status && *one.status != status)) continue;
      ++one.used;
      return &one;
    }
    return nullptr;
  }

  /// What is accepted and no longer happens would hide it when it comes back.
  void tell_unused(const Acceptance& one) {
    const bool whole = std::none_of(made_.results.begin(), made_.results.end(), [](const CaseResult& result) {
      return result.kind.empty() && result.outcome == Outcome::failed;
    });
    if (!whole || (options_.stopped && options_.stopped())) return;  // what it is about may not have been run
    CaseResult result;
    result.name = "accept";
    result.line = one.line;
    result.outcome = Outcome::failed;
    result.differences.push_back(
        {"accept", fmt::format("a generated case of kind {} to be accepted", visible(one.kind)), "none: take it out"});
    made_.results.push_back(std::move(result));
  }

  Result<std::unique_ptr<net::Recording>> load(const TranscriptUse& use) const {
    if (!options_.load_recording) return Error(Reason::local_fault, "transcripts cannot be read here");
    const std::filesystem::path beside = std::filesystem::path(rule_->path).parent_path() / use.file;
    return options_.load_recording(beside.string());
  }

  const lua::RuleSet& rules_;
  std::shared_ptr<const lua::Rule> rule_;
  const SuiteOptions& options_;
  lua::TestFile file_;
  Script script_;
  lua::LineCount lines_;
  bool ports_met_ = false;  // a case with an open port was varied
  SuiteResult made_;
};

}  // namespace

bool SuiteResult::good() const {
  return mistakes.empty() && !below_coverage && std::none_of(results.begin(), results.end(), [](const CaseResult& one) {
           return one.outcome == Outcome::failed;
         });
}

double SuiteResult::coverage() const {
  constexpr double whole = 100;
  return lines == 0 ? whole : whole * (lines - static_cast<double>(uncovered.size())) / lines;
}

std::string test_path_of(const std::string& rule_path) {
  constexpr std::string_view ending = ".lua";
  std::string stem = rule_path;
  if (stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  return stem + "_test.lua";
}

std::vector<std::string> mistakes_of_test(const lua::RuleSet& rules, const lua::Rule& rule, const std::string& test) {
  const std::string path = test_path_of(rule.path);
  std::vector<std::string> mistakes;
  lua::TestFile file;
  if (std::string failure = file.load(path, test, rules); !failure.empty())
    mistakes.push_back(std::move(failure));
  else
    (void)read_script(file, path, rule, mistakes);
  return mistakes;
}

SuiteResult run_suite(const lua::RuleSet& rules, const std::shared_ptr<const lua::Rule>& rule, const std::string* test,
                      const SuiteOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  SuiteResult result = Suite(rules, rule, options).run(test);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

}  // namespace audit::trial
