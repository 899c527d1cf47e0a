// report_loop FORMAT CHECKS: writes a run of so many checks to nowhere; prints the seconds that took, and the most bytes of
// memory that the process had. report_loop without arguments names the formats.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "report/report.hpp"
#include "store/check_spool.hpp"

namespace {

using namespace audit;

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Ten thousand targets, and as many rules as that takes; of a hundred checks one fails, one was not seen and one is waived.
RunRecord run_of(std::uint64_t checks) {
  constexpr std::uint64_t targets = 10'000;
  const std::uint64_t rules = std::max<std::uint64_t>(checks / targets, 1);
  const auto spool = std::make_shared<store::CheckSpool>();
  std::vector<Check> ended;
  RunRecord record;
  record.run.id = "2026-11-20T220405-7f3a";
  record.run.complete = true;
  record.inventory.path = "campus.toml";
  for (std::uint64_t rule = 0; rule < rules; ++rule) {
    record.rules.emplace_back().id = "bench.rule-" + std::to_string(rule);
    record.rules.back().title = "Nothing is wrong";
    record.rules.back().severity = Severity::medium;
  }
  auto observation = std::make_shared<Observation>();
  observation->probe = "banner";
  observation->endpoint = "tcp/10.0.0.1:22";
  observation->fields = Value::Object{{"text", "SSH-2.0-OpenSSH_9.2p1 Debian-2"}, {"ended", "idle"}};
  for (std::uint64_t i = 0; i < checks; ++i) {
    if (i % rules == 0) {
      record.targets.emplace_back().id = "host-" + std::to_string(i / rules) + ".example.net";
      record.targets.back().ordinal = i / rules;
    }
    Check check;
    check.rule = record.rules[i % rules].id;
    check.rule_ordinal = static_cast<std::uint32_t>(i % rules);
    check.target_ordinal = i / rules;
    check.target = record.targets.back().id;
    Finding& result = check.results.emplace_back();
    result.status = i % 100 < 2 ? Status::fail : i % 100 == 2 ? Status::not_reviewed : Status::pass;
    result.reason = i % 100 == 2 ? Reason::timeout : Reason::observed;
    result.severity = Severity::medium;
    result.message = "SSH-2.0-OpenSSH_9.2p1 answers on 22/tcp";
    result.endpoint = "tcp/10.0.0.1:22";
    result.evidence = {{"banner", observation, {}}};
    if (i % 100 == 1) result.waiver = "W-17";
    ++record.summary.planned;
    record.summary.count(check);
    ended.push_back(std::move(check));
    if (ended.size() == rules) spool->add(std::exchange(ended, {}));
  }
  spool->add(ended);
  spool->seal();
  record.checks = CheckList(std::shared_ptr<const KeptChecks>(spool));
  record.summary.targets = record.targets.size();
  return record;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    for (const report::Format& format : report::formats()) std::printf("%s\n", std::string(format.name).c_str());
    return count == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  const report::Format* format = report::find_format(words[1]);
  if (format == nullptr) return EXIT_FAILURE;
  const RunRecord record = run_of(std::strtoull(words[2], nullptr, 10));
  const auto began = std::chrono::steady_clock::now();
  std::ofstream out("/dev/null", std::ios::binary);
  format->write(record, {}, out);
  out.flush();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%.3f %ld\n", took, peak_kilobytes() * 1024);
  return out.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}
