#include "cli/report_reader.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/filereadstream.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/fingerprint.hpp"
#include "base/text.hpp"
#include "cli/json_members.hpp"
#include "cli/report_observations.hpp"
#include "cli/utc_text.hpp"

namespace audit::cli {
namespace {

constexpr off_t largest = off_t{1} << 30;

using Json = rapidjson::Value;

/// False where a word is none of ours.
bool read_finding(const Json& json, bool observations, Finding& finding) {
  const auto status = parse_status(text_of(json, "status"));
  const auto reason = parse_reason(text_of(json, "reason"));
  const auto severity = parse_severity(text_of(json, "severity"));
  if (!status || !reason || !severity) return false;
  finding.status = *status;
  finding.reason = *reason;
  finding.severity = *severity;
  finding.endpoint = bytes_of(json, "endpoint");
  finding.key = bytes_of(json, "key");
  finding.message = bytes_of(json, "message");
  finding.waiver = bytes_of(json, "waiver");
  return !observations || read_evidence(list_of(json, "evidence"), finding);
}

/// Since when it has been seen, where the report says so.
void read_first_seen(const Json& json, const Check& check, const Finding& finding, RunRecord& record) {
  const auto first = is_remembered(finding.status) ? parse_utc(text_of(json, "first_seen")) : std::nullopt;
  if (first) record.first_seen.emplace(seen_key(fingerprint_of(check, finding), finding.status), *first);
}

bool read_check(const Json& json, bool observations, RunRecord& record) {
  Check& check = record.checks.held().emplace_back();
  if (!json.IsObject()) return false;
  check.rule = bytes_of(json, "rule");
  check.target = bytes_of(json, "target");
  const auto read = [&](const Json& result) {
    Finding& finding = check.results.emplace_back();
    if (!result.IsObject() || !read_finding(result, observations, finding)) return false;
    read_first_seen(result, check, finding, record);
    return true;
  };
  const Json& results = list_of(json, "results");
  if (results.Empty()) return read(json);
  return std::all_of(results.Begin(), results.End(), read);
}

}  // namespace

Result<RunRecord> read_report(const std::string& path, bool observations) {
  const auto refused = [&](const std::string& why) {
    return Error(Reason::protocol_error, fmt::format("{}: {}", visible(path), why));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file && errno == ENOENT) return Error(Reason::unresolved, visible(path) + ": there is no such file");
  if (!file) return refused(std::generic_category().message(errno));
  struct stat about {};
  if (fstat(fileno(file.get()), &about) != 0 || !S_ISREG(about.st_mode)) return refused("is no file");
  if (about.st_size > largest) return refused("is larger than 1 GiB; compare it by its run in the history");
  std::array<char, 65'536> buffer{};
  rapidjson::FileReadStream stream(file.get(), buffer.data(), buffer.size());
  rapidjson::Document json;
  json.ParseStream<rapidjson::kParseIterativeFlag>(stream);
  if (json.HasParseError())
    return refused(fmt::format("is no JSON report: {} (byte {})", rapidjson::GetParseError_En(json.GetParseError()),
                               json.GetErrorOffset()));
  if (!json.IsObject() || !json.HasMember("checks") || !json.HasMember("run"))
    return refused("is no report of audit; it takes what --report json=PATH wrote");
  RunRecord record;
  const Json& run = object_of(json, "run");
  record.run.id = bytes_of(run, "id");
  record.run.started = parse_utc(text_of(run, "started")).value_or(WallTime());
  const auto complete = run.FindMember("complete");
  record.run.complete = complete != run.MemberEnd() && complete->value.IsTrue();
  record.tool.version = text_of(object_of(json, "tool"), "version");
  record.inventory.sha256 = text_of(object_of(json, "inventory"), "sha256");
  for (const Json& rule : list_of(json, "rules").GetArray()) {
    if (!rule.IsObject()) return refused("has a rule that is no object");
    record.rules.emplace_back().id = bytes_of(rule, "id");
    record.rules.back().sha256 = text_of(rule, "sha256");
  }
  for (const Json& target : list_of(json, "targets").GetArray()) {
    if (!target.IsObject()) continue;
    record.targets.emplace_back().id = bytes_of(target, "id");
    if (observations && !read_target(target, record.targets.back()))
      return refused(fmt::format("target {} is none of this version's", record.targets.size()));
  }
  for (const Json& check : list_of(json, "checks").GetArray()) {
    if (!read_check(check, observations, record))
      return refused(fmt::format("check {} is none of this version's", record.checks.size()));
    record.summary.count(record.checks.held().back());
  }
  const Json& summary = object_of(json, "summary");
  record.summary.planned = count_of(summary, "planned");
  if (summary.HasMember("require_coverage")) record.require_coverage = number_of(summary, "require_coverage");
  return record;
}

}  // namespace audit::cli
