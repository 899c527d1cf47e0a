#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace audit {

/// Why a probe or a check ended as it did. The closed set that primitives, Lua and reports share; a new member is
/// added here and in the table of reason.cpp, and nowhere else.
enum class Reason : std::uint8_t {
  observed,
  open,
  closed,
  filtered,
  refused,
  reset,
  timeout,
  unreachable,
  unresolved,
  eof,
  truncated,
  protocol_error,
  tls_error,
  auth_required,
  auth_failed,
  missing_credential,
  out_of_scope,
  not_recorded,
  over_budget,
  rule_error,
  rule_stuck,
  local_fault,
  stopped,
};

inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::stopped) + 1;

[[nodiscard]] std::string_view name_of(Reason reason) noexcept;
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view name) noexcept;
/// One sentence a report can print beside the word.
[[nodiscard]] std::string_view meaning_of(Reason reason) noexcept;

}  // namespace audit
