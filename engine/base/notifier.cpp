#include "base/notifier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit {

std::string_view name_of(NotifierKind kind) noexcept {
  switch (kind) {
    case NotifierKind::webhook: return "webhook";
    case NotifierKind::mail: return "mail";
    case NotifierKind::syslog: return "syslog";
    case NotifierKind::command: return "command";
    case NotifierKind::ping: return "ping";
  }
  return "";
}

std::optional<NotifierKind> parse_notifier_kind(std::string_view name) noexcept {
  const auto found = std::find_if(notifier_kinds.begin(), notifier_kinds.end(),
                                  [&](NotifierKind kind) { return name_of(kind) == name; });
  return found == notifier_kinds.end() ? std::nullopt : std::optional(*found);
}

std::string NotifyAddress::url() const { return scheme == "unix" ? shown() : shown() + path; }

std::string NotifyAddress::shown() const {
  if (scheme == "unix") return "unix://" + path;
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme, v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string destination_of(const NotifySettings& settings) {
  return settings.kind == NotifierKind::command ? visible(settings.command.front()) : settings.address.shown();
}

}  // namespace audit
