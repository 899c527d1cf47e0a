#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/run_record.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

/// Text of a SARIF message: its braces stand for themselves (3.11.5), and no bracket begins a link (3.11.6).
[[nodiscard]] std::string sarif_text(std::string_view visible);
[[nodiscard]] std::string_view sarif_level(Severity severity) noexcept;

/// One rule of the driver, with what its readers have to know.
void put_sarif_rule(JsonWriter& json, const RuleRecord& rule, const Controls& controls);
/// A member that is `visible` text already.
void put_ready(JsonWriter& json, std::string_view name, std::string_view visible);
void put_sarif_message(JsonWriter& json, std::string_view name, std::string_view visible);

/// Results and notifications, with what they refer to. The strings of the record are not copied: it has to outlive this.
class SarifFindings {
 public:
  explicit SarifFindings(const RunRecord& record);
  void put_result(JsonWriter& json, const Check& check, const Finding& finding) const;
  /// A failure of the run before that nobody looked at this time: open still, so that no reader closes it.
  void put_open(JsonWriter& json, const DiffItem& item) const;
  void put_notification(JsonWriter& json, const Check& check, const Finding& finding) const;

 private:
  void put_rule(JsonWriter& json, std::string_view rule) const;
  void put_location(JsonWriter& json, const std::string& target, const std::string& endpoint) const;
  void put_fingerprints(JsonWriter& json, const std::string& fingerprint) const;
  void put_properties(JsonWriter& json, const Check& check, const Finding& finding) const;
  void put_suppressions(JsonWriter& json, const std::string& waiver) const;

  const RunRecord& record_;
  std::unordered_map<std::string_view, std::uint64_t> rules_;  // their places in the driver
  std::unordered_map<std::string_view, const WaiverRecord*> waivers_;
  std::unordered_map<std::string_view, const TargetRecord*> targets_;
  std::unordered_map<std::string_view, std::string_view> states_;  // against the baseline, by fingerprint
};

}  // namespace audit::report
