#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

/// What a check names, found by its id. Points into the record, which must outlive it.
class Lookup {
 public:
  /// By framework, the ids of the controls that a rule bears on.
  using ControlIds = std::map<std::string, std::vector<std::string>>;

  explicit Lookup(const RunRecord& record);
  /// Null where the record does not describe it.
  [[nodiscard]] const RuleRecord* rule(std::string_view id) const;
  [[nodiscard]] const WaiverRecord* waiver(std::string_view id) const;
  [[nodiscard]] const ControlIds& controls(std::string_view rule) const;

 private:
  std::map<std::string_view, const RuleRecord*> rules_;
  std::map<std::string_view, const WaiverRecord*> waivers_;
  std::map<std::string_view, ControlIds> controls_;
};

}  // namespace audit::report
