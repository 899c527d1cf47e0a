#include <utility>

#include "notify/delivery.hpp"

namespace audit::notify {
namespace {

constexpr std::array<std::pair<NotifierKind, Send>, notifier_kinds.size()> table{{
    {NotifierKind::webhook, send_webhook},
    {NotifierKind::mail, send_mail},
    {NotifierKind::syslog, send_syslog},
    {NotifierKind::command, send_command},
    {NotifierKind::ping, send_ping},
}};

}  // namespace

Send sender_of(NotifierKind kind) noexcept {
  for (const auto& [one, send] : table)
    if (one == kind) return send;
  return nullptr;
}

}  // namespace audit::notify
