#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/run_record.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

/// Text of a SARIF message: its braces stand for themselves (3.11.5), and no bracket begins a link (3.11.6).
[[nodiscard]] std::string sarif_text(std::string_view visible);
/// A path as a URI reference: relative as it stands, else file://.
[[nodiscard]] std::string sarif_uri(std::string_view path);
[[nodiscard]] std::string_view sarif_level(Severity severity) noexcept;

/// One rule of the driver, with what its readers have to know.
void put_sarif_rule(JsonWriter& json, const RuleRecord& rule, const Controls& controls);
/// A member that is `visible` text already.
void put_ready(JsonWriter& json, std::string_view name, std::string_view visible);
void put_sarif_message(JsonWriter& json, std::string_view name, std::string_view visible);

/// Results and notifications, with what they refer to.
class SarifFindings {
 public:
  explicit SarifFindings(const RunRecord& record);
  void put_result(JsonWriter& json, const Check& check, const Finding& finding) const;
  void put_notification(JsonWriter& json, const Check& check, const Finding& finding) const;

 private:
  void put_location(JsonWriter& json, const Check& check, const Finding& finding) const;
  void put_properties(JsonWriter& json, const Check& check, const Finding& finding) const;
  void put_suppressions(JsonWriter& json, const Finding& finding) const;

  const RunRecord& record_;
  std::unordered_map<std::string_view, std::uint64_t> rules_;  // their places in the driver
  std::unordered_map<std::string_view, const WaiverRecord*> waivers_;
};

}  // namespace audit::report
