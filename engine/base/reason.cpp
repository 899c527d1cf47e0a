#include "base/reason.hpp"

#include <array>

namespace audit {
namespace {

struct Row {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<Row, reason_count> rows{{
    {"observed", "the answer was seen"},
    {"open", "the port accepted a connection"},
    {"closed", "the port refused the connection"},
    {"filtered", "no answer came from the port, every attempt spent"},
    {"refused", "the connection was refused"},
    {"reset", "the peer reset the connection"},
    {"timeout", "the deadline passed in mid-conversation"},
    {"unreachable", "the host gave no sign of life"},
    {"unresolved", "the name could not be resolved"},
    {"eof", "the peer closed the connection before it had answered"},
    {"truncated", "the answer was longer than its cap"},
    {"protocol_error", "the answer broke the rules of its protocol"},
    {"tls_error", "the TLS handshake failed"},
    {"auth_required", "the service asks for authentication"},
    {"auth_failed", "the credential was refused"},
    {"missing_credential", "the credential that the rule needs is not there"},
    {"out_of_scope", "the address or port is outside what may be asked"},
    {"not_recorded", "the transcript holds no answer to this question"},
    {"over_budget", "the rule used more steps, memory or time than it may"},
    {"rule_error", "the rule itself failed"},
    {"rule_stuck", "the rule held its worker until it was ended"},
    {"local_fault", "this machine could not ask: descriptors, ports, memory or route"},
    {"stopped", "the run was stopped before the answer"},
}};

}  // namespace

std::string_view name_of(Reason reason) noexcept { return rows[static_cast<std::size_t>(reason)].name; }

std::string_view meaning_of(Reason reason) noexcept { return rows[static_cast<std::size_t>(reason)].meaning; }

std::optional<Reason> parse_reason(std::string_view name) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name) return static_cast<Reason>(i);
  return std::nullopt;
}

}  // namespace audit
