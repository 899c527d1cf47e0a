#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audit {

enum class Status : std::uint8_t { pass, fail, error, not_applicable, not_reviewed, informational };
inline constexpr std::size_t status_count = 6;
inline constexpr std::array<Status, status_count> all_statuses{
    Status::pass, Status::fail, Status::error, Status::not_applicable, Status::not_reviewed, Status::informational};

enum class Severity : std::uint8_t { info, low, medium, high, critical };
inline constexpr std::size_t severity_count = 5;

/// How much a rule does to a peer: opens and closes a port; speaks the protocol as a client would; writes, guesses or
/// asks hundreds of times.
enum class Safety : std::uint8_t { connect, normal, intrusive };

[[nodiscard]] std::string_view name_of(Status status) noexcept;
[[nodiscard]] std::string_view name_of(Severity severity) noexcept;
[[nodiscard]] std::string_view name_of(Safety safety) noexcept;
[[nodiscard]] std::optional<Status> parse_status(std::string_view name) noexcept;
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view name) noexcept;
[[nodiscard]] std::optional<Safety> parse_safety(std::string_view name) noexcept;

/// A check's status is the first of `fail error not_reviewed pass informational not_applicable` among its results.
[[nodiscard]] int precedence(Status status) noexcept;

}  // namespace audit
