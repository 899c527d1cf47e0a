#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "base/text.hpp"
#include "random_record.hpp"
#include "report/metrics.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using namespace std::string_literals;

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;
};

/// Reads a label's value behind its first quotation mark; leaves `at` behind the last.
std::string read_label(const std::string& line, std::size_t& at) {
  std::string value;
  for (; line.at(at) != '"'; ++at) {
    if (line[at] != '\\') {
      value += line[at];
      continue;
    }
    const char escaped = line.at(++at);
    REQUIRE((escaped == '\\' || escaped == '"' || escaped == 'n'));
    value += escaped == 'n' ? '\n' : escaped;
  }
  ++at;
  return value;
}

/// As the format demands it (exposition format 0.0.4): every family once and in one piece, no sample twice.
std::vector<Sample> samples_of(const std::string& text) {
  std::vector<Sample> samples;
  std::istringstream lines(text);
  std::string family;
  std::set<std::string> families;
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      REQUIRE(families.insert(family).second);
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      REQUIRE(line.substr(7, line.find(' ', 7) - 7) == family);
      continue;
    }
    Sample sample;
    std::size_t at = line.find('{');
    REQUIRE(at != std::string::npos);
    sample.name = line.substr(0, at++);
    REQUIRE(sample.name == family);
    while (line.at(at) != '}') {
      const std::size_t equals = line.find("=\"", at);
      const std::string name = line.substr(at, equals - at);
      at = equals + 2;
      REQUIRE(sample.labels.emplace(name, read_label(line, at)).second);
      if (line.at(at) == ',') ++at;
    }
    REQUIRE(line.at(at + 1) == ' ');
    REQUIRE(seen.insert(line.substr(0, at)).second);
    sample.value = line.substr(at + 2);
    REQUIRE(std::isfinite(std::stod(sample.value)));
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Sample> of(const std::vector<Sample>& samples, const std::string& name) {
  std::vector<Sample> found;
  for (const Sample& sample : samples)
    if (sample.name == name) found.push_back(sample);
  return found;
}

std::string value_of(const std::vector<Sample>& samples, const std::string& name) {
  const std::vector<Sample> found = of(samples, name);
  REQUIRE(found.size() == 1);
  return found[0].value;
}

std::vector<Sample> metrics_of(const RunRecord& record, const Style& style = {}) {
  return samples_of(written("prometheus", record, style));
}

RunRecord run_at(std::int64_t seconds, bool complete) {
  RunRecord record;
  record.inventory.name = "lab";
  record.run.complete = complete;
  record.summary.planned = 1;
  record.run.started = WallTime(std::chrono::seconds(seconds - 10));
  record.run.finished = WallTime(std::chrono::milliseconds(seconds * 1000 + 125));
  return record;
}

TargetRecord target_of(std::string id, TargetLife life) {
  TargetRecord target;
  target.id = std::move(id);
  target.life = life;
  return target;
}

Evidence seen(std::string probe, Duration elapsed, Reason reason = Reason::observed, Value fields = {}) {
  auto observation = std::make_shared<Observation>();
  observation->probe = std::move(probe);
  observation->endpoint = "tcp/10.0.0.1:443";
  observation->elapsed = elapsed;
  observation->reason = reason;
  observation->fields = std::move(fields);
  return {"", observation, {}};
}

constexpr std::int64_t november = 1'795'000'000;

}  // namespace

TEST_CASE("of every run the metrics count what the record counts, in a form that can be read") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const RunRecord record = random_record(seed);
    const std::vector<Sample> samples = metrics_of(record);
    for (const Sample& sample : of(samples, "audit_checks"))
      CHECK(sample.value == std::to_string(record.summary.of(*parse_status(sample.labels.at("status")))));
    std::map<std::string, std::uint64_t> named;
    for (const Sample& sample : of(samples, "audit_check_status")) ++named[sample.labels.at("status")];
    for (const Status status : all_statuses) CHECK(named[std::string(name_of(status))] == record.summary.of(status));
    CHECK(value_of(samples, "audit_run_complete") == (record.run.complete ? "1" : "0"));
    CHECK(written("prometheus", record) == written("prometheus", record));
  }
}

TEST_CASE("hostile bytes stay within their label") {
  const std::string hostile = "a\"} 1\nfake_metric{x=\"\\ \xff\xc0\xaf\x1b[31m\0 \xe2\x80\xae"s;
  RunRecord record = run_at(november, true);
  record.inventory.name = record.run.id = record.tool.version = hostile;
  record.targets = {target_of(hostile, TargetLife::alive)};
  Check check = check_of(hostile, hostile, Status::fail, Reason::observed, hostile);
  Value::Object leaf{{"not_after_time", std::int64_t{november}}, {"subject", hostile}};
  check.results[0].evidence = {
      seen(hostile, std::chrono::seconds(1), Reason::observed, Value::Object{{"chain", Value::Array{leaf}}})};
  add(record, std::move(check));
  const std::string text = written("prometheus", record);
  CHECK(printable(text));
  CHECK(text.find("\nfake_metric") == std::string::npos);
  std::set<std::string> carriers;
  for (const Sample& sample : samples_of(text))
    for (const auto& [name, value] : sample.labels)
      if (from_visible(value) == hostile) carriers.insert(name);
  CHECK(carriers == std::set<std::string>{"inventory", "id", "version", "rule", "target", "probe", "subject"});
}

TEST_CASE("a target that nobody could ask is neither up nor down") {
  RunRecord record;
  record.targets = {target_of("a", TargetLife::alive), target_of("b", TargetLife::silent),
                    target_of("c", TargetLife::unresolved), target_of("d", TargetLife::unknown)};
  std::map<std::string, std::string> up;
  for (const Sample& sample : of(metrics_of(record), "audit_target_up")) up[sample.labels.at("target")] = sample.value;
  CHECK(up == std::map<std::string, std::string>{{"a", "1"}, {"b", "0"}});
}

TEST_CASE("a run that planned nothing is none that a dead man's alert may take for a good one") {
  RunRecord record = run_at(november, true);
  record.summary.planned = 0;
  CHECK(written("prometheus", record).find("\naudit_last_complete_run_timestamp_seconds{") == std::string::npos);
}

TEST_CASE("a run that was cut short keeps the time of the last complete one, as the replaced file says") {
  const Format& format = *find_format("prometheus");
  std::istringstream complete(written("prometheus", run_at(november, true)));
  CHECK(value_of(metrics_of(run_at(november, true)), "audit_last_complete_run_timestamp_seconds") == "1795000000.125");
  const RunRecord cut = run_at(november + 3600, false);
  CHECK(of(metrics_of(cut), "audit_last_complete_run_timestamp_seconds").empty());
  Style style;
  format.inherit(cut, complete, style);
  const std::string text = written("prometheus", cut, style);
  CHECK(value_of(samples_of(text), "audit_last_complete_run_timestamp_seconds") == "1795000000.125");
  std::istringstream again(text);
  Style later;
  format.inherit(run_at(november + 7200, false), again, later);
  CHECK(later.last_complete == WallTime(std::chrono::milliseconds(november * 1000 + 125)));
}

TEST_CASE("nothing is taken over from another inventory's file, from garbage or from the future") {
  const Format& format = *find_format("prometheus");
  RunRecord other = run_at(november, true);
  other.inventory.name = "other";
  const std::string line = "audit_last_complete_run_timestamp_seconds{inventory=\"lab\"} ";
  for (const std::string& text :
       {written("prometheus", other), written("prometheus", run_at(november + 9999, true)), line + "soon\n",
        line + "NaN\n", line + "-5\n", line + "+Inf\n", line + "17 18\n", line, std::string("\0\xff\n", 3)}) {
    std::istringstream file(text);
    Style style;
    format.inherit(run_at(november + 1, false), file, style);
    CHECK_FALSE(style.last_complete.has_value());
  }
}

TEST_CASE("past the cap failures keep their names, passes are counts, and what is left out is counted") {
  RunRecord record;
  for (std::size_t i = 0; i < Metrics::most_samples; ++i)
    add(record, check_of("a.rule", fmt::format("h{}", i), Status::pass, Reason::observed, ""));
  for (const Status status : {Status::not_reviewed, Status::error, Status::fail})
    add(record, check_of("b.rule", std::string(name_of(status)), status, Reason::timeout, ""));
  const std::vector<Sample> samples = metrics_of(record);
  std::vector<std::string> named;
  for (const Sample& sample : of(samples, "audit_check_status")) named.push_back(sample.labels.at("status"));
  CHECK(named == std::vector<std::string>{"fail", "error", "not_reviewed"});
  for (const Sample& sample : of(samples, "audit_series_left_out"))
    CHECK(sample.value == (sample.labels.at("metric") == "audit_check_status" ? "10000" : "0"));
}

TEST_CASE("two labels that are cut to the same text make one sample, and the other is counted") {
  RunRecord record;
  const std::string longest(Metrics::longest_label, 'x');
  record.targets = {target_of(longest + "a", TargetLife::alive), target_of(longest + "b", TargetLife::alive)};
  const std::vector<Sample> samples = metrics_of(record);
  CHECK(of(samples, "audit_target_up").size() == 1);
  for (const Sample& sample : of(samples, "audit_series_left_out"))
    CHECK(sample.value == (sample.labels.at("metric") == "audit_target_up" ? "1" : "0"));
}

TEST_CASE("of a probe the longest counts, of a ping its round trip, of our own faults nothing") {
  using std::chrono::milliseconds;
  RunRecord record;
  Check check = check_of("a.rule", "h", Status::pass, Reason::observed, "");
  check.results[0].evidence = {seen("banner", milliseconds(20)), seen("banner", milliseconds(50)),
                               seen("ping", milliseconds(900), Reason::observed, Value::Object{{"rtt_avg", 0.25}}),
                               seen("ping", milliseconds(900), Reason::unreachable, {}),
                               seen("http", milliseconds(70), Reason::local_fault)};
  add(record, std::move(check));
  std::map<std::string, std::string> taken;
  for (const Sample& sample : of(metrics_of(record), "audit_probe_duration_seconds"))
    taken[sample.labels.at("probe")] = sample.value;
  CHECK(taken == std::map<std::string, std::string>{{"banner", "0.05"}, {"ping", "0.25"}});
}

TEST_CASE("of certificates that share a subject at one endpoint the first to run out counts") {
  RunRecord record;
  Check check = check_of("a.rule", "h", Status::pass, Reason::observed, "");
  for (const std::int64_t expiry : {november + 5, november, november + 9}) {
    Value::Object leaf{{"not_after_time", expiry}, {"subject", "CN=h"}};
    check.results[0].evidence.push_back(
        seen("tls", {}, Reason::observed, Value::Object{{"chain", Value::Array{leaf, Value::Object{}}}}));
  }
  check.results[0].evidence.push_back(seen("tls", {}, Reason::observed, Value::Object{{"chain", Value::Array{}}}));
  add(record, std::move(check));
  const auto found = of(metrics_of(record), "audit_certificate_expiry_timestamp_seconds");
  REQUIRE(found.size() == 1);
  CHECK(found[0].labels.at("endpoint") == "tcp/10.0.0.1:443");
  CHECK(found[0].value == std::to_string(november));
}

TEST_CASE("what is waived is said beside what fails") {
  RunRecord record;
  Check waived = check_of("a.rule", "h", Status::fail, Reason::observed, "");
  waived.results[0].waiver = "W-1";
  add(record, std::move(waived));
  add(record, check_of("b.rule", "h", Status::fail, Reason::observed, ""));
  std::map<std::string, std::string> said;
  for (const Sample& sample : of(metrics_of(record), "audit_check_status"))
    said[sample.labels.at("rule")] = sample.labels.at("waived");
  CHECK(said == std::map<std::string, std::string>{{"a.rule", "yes"}, {"b.rule", "no"}});
}
