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

std::string words_of(const NotifyWhen& when) {
  std::string words;
  const auto add = [&](bool holds, std::string_view word) {
    if (holds) words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
  };
  add(when.always, "always");
  add(when.changed, "changed");
  if (when.new_failures) add(true, fmt::format("new_failures >= {}", name_of(*when.new_failures)));
  add(when.incomplete, "incomplete");
  add(when.recovered, "recovered");
  add(when.waiver_expiring, "waiver_expiring");
  return words;
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
