#include "base/status.hpp"

namespace audit {
namespace {

constexpr std::array<std::string_view, status_count> status_names{"pass",           "fail",         "error",
                                                                  "not_applicable", "not_reviewed", "informational"};
constexpr std::array<std::string_view, severity_count> severity_names{"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> safety_names{"connect", "normal", "intrusive"};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Status status) noexcept { return status_names[static_cast<std::size_t>(status)]; }
std::string_view name_of(Severity severity) noexcept { return severity_names[static_cast<std::size_t>(severity)]; }
std::string_view name_of(Safety safety) noexcept { return safety_names[static_cast<std::size_t>(safety)]; }

std::optional<Status> parse_status(std::string_view name) noexcept { return parse<Status>(status_names, name); }
std::optional<Severity> parse_severity(std::string_view name) noexcept { return parse<Severity>(severity_names, name); }
std::optional<Safety> parse_safety(std::string_view name) noexcept { return parse<Safety>(safety_names, name); }

int precedence(Status status) noexcept {
  switch (status) {
    case Status::fail: return 0;
    case Status::error: return 1;
    case Status::not_reviewed: return 2;
    case Status::pass: return 3;
    case Status::informational: return 4;
    case Status::not_applicable: return 5;
  }
  return 1;
}

}  // namespace audit
