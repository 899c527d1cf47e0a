#pragma once

#include <array>
#include <bitset>
#include <string>
#include <vector>

#include "base/model.hpp"

namespace audit {

/// Writes asterisks over what must not be written down, wherever it stands in a text, and over the beginning of it that
/// the text's end cuts off. One pass over a text, however many secrets. Immutable; any thread.
class Scrubber {
 public:
  static constexpr std::size_t shortest = 4;  // bytes; what is shorter stands in every text, and is left alone

  explicit Scrubber(std::vector<std::string> forms);

  [[nodiscard]] bool empty() const noexcept { return forms_.empty(); }
  [[nodiscard]] bool scrub(std::string& text) const;
  /// Texts and names of fields, at any depth.
  [[nodiscard]] bool scrub(Value& value) const;
  /// What a check says and rests on. Observations are copied where they change, and stay shared by those who shared them.
  void scrub(std::vector<Check>& checks) const;
  /// One observation, copied where it changes.
  void scrub(ObservationPtr& observation) const;

 private:
  [[nodiscard]] bool scrub(Observation& observation) const;

  std::bitset<65'536> leads_;                            // the first two bytes of every form
  std::array<std::vector<std::uint32_t>, 256> by_byte_;  // forms by their first byte, the longest first
  std::vector<std::string> forms_;
};

}  // namespace audit
