#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// What kept a part of the inventory from being asked, or from being asked wholly.
enum class LeftOutBy : std::uint8_t { limit, safety, expectations, first_address };
inline constexpr std::size_t left_out_reasons = 4;

/// "limit", "safety", "expectations", "first_address"
[[nodiscard]] std::string_view name_of(LeftOutBy by) noexcept;

/// A part of the inventory that a run, or one of its rules, left out: no check is planned there, so no count shows it, and
/// whatever was seen elsewhere says nothing of it.
struct LeftOut {
  LeftOutBy by = LeftOutBy::limit;
  std::string rule;         // its id; "" for all rules
  std::uint64_t count = 0;  // targets that were left out
  std::uint64_t of = 0;     // of so many
  std::string example;      // one of them; may be ""
  bool candidates = false;  // the addresses of networks are counted too, whether they live or not
};

/// "2 of 5 targets were left out by --limit"
[[nodiscard]] std::string words_of(const LeftOut& part);

/// The parts that a rule did not see: its own and those of all rules.
[[nodiscard]] std::vector<LeftOut> left_out_of(const std::vector<LeftOut>& parts, const std::string& rule);

}  // namespace audit
