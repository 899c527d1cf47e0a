#pragma once

#include <string>
#include <string_view>

#include "base/run_record.hpp"
#include "report/json_stream.hpp"

namespace audit::report {

/// The UUIDs of one run.
class OscalIds {
 public:
  explicit OscalIds(const RunRecord& record);
  /// Of the thing of this kind and number, or name.
  [[nodiscard]] std::string of(std::string_view kind, std::uint64_t number) const;
  [[nodiscard]] std::string of(std::string_view kind, std::string_view name = {}) const;

 private:
  std::string run_;
};

/// An id as OSCAL's tokens are written: "AC-17(2)" is "ac-17.2" as in NIST's catalogue, "4.8" is "_4.8".
[[nodiscard]] std::string token_of(std::string_view id);
/// `visible` text that neither begins nor ends with a blank, as OSCAL's strings: such a one is escaped too.
[[nodiscard]] std::string string_of(std::string_view bytes);

/// The list of `props` of an object: begun with the first, absent where there is none.
class OscalProps {
 public:
  explicit OscalProps(JsonWriter& json) : json_(json) {}
  /// Of OSCAL's own names; left out where the value is empty.
  void put_known(std::string_view name, std::string_view value);
  /// Of ours.
  void put(std::string_view name, std::string_view value);
  void end();

 private:
  void begin();

  JsonWriter& json_;
  bool begun_ = false;
};

}  // namespace audit::report
