#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "base/time.hpp"

namespace audit {

enum class NotifierKind : std::uint8_t { webhook, mail, syslog, command, ping };
inline constexpr std::array<NotifierKind, 5> notifier_kinds{
    NotifierKind::webhook, NotifierKind::mail, NotifierKind::syslog, NotifierKind::command, NotifierKind::ping};

[[nodiscard]] std::string_view name_of(NotifierKind kind) noexcept;
[[nodiscard]] std::optional<NotifierKind> parse_notifier_kind(std::string_view name) noexcept;

/// The facilities of RFC 5424, table 1, by their numbers, as syslog.conf names them.
inline constexpr std::array<std::string_view, 24> syslog_facilities{
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

enum class MailTls : std::uint8_t { starttls, implicit, none };

/// When somebody is told of a run: where any of these holds.
struct NotifyWhen {
  bool always = false;
  bool changed = false;
  bool incomplete = false;
  bool recovered = false;
  bool waiver_expiring = false;
  std::optional<Severity> new_failures;  // at or above it
};

/// As the inventory writes them: "changed, new_failures >= high".
[[nodiscard]] std::string words_of(const NotifyWhen& when);

/// Where a notifier sends to: scheme://host:port/path, or unix:///dev/log.
struct NotifyAddress {
  std::string scheme;
  std::string host;  // without brackets; "" of a unix socket
  std::uint16_t port = 0;
  std::string path;  // with its slash; may be a secret, as that of many webhooks is

  [[nodiscard]] std::string url() const;
  /// Without the path, which may be a secret; a unix socket's is none.
  [[nodiscard]] std::string shown() const;
};

/// One [[notify]] table.
struct NotifySettings {
  std::string name;
  NotifierKind kind = NotifierKind::webhook;
  NotifyWhen when;
  NotifyAddress address;   // of all but commands
  std::string credential;  // by name: what a webhook signs with, the user:password of mail; "" for none
  std::string ca;          // a file of the authorities that prove the server, in place of the system's; "" for those
  MailTls tls = MailTls::starttls;
  std::string from;
  std::vector<std::string> to;
  std::uint8_t facility = 3;  // daemon
  std::vector<std::string> command;
  Duration timeout = std::chrono::seconds(10);        // of one attempt; 100ms to 1m
  Duration give_up_after = std::chrono::seconds(60);  // of all attempts together; 1s to 10m
  std::uint32_t attempts = 5;                         // 1 to 10
  std::string folder;                                 // of the file that says so: `ca` and commands start there
  std::string place;                                  // "campus.toml:12:1"
};

/// Where it sends to, for a person: the address, or the program of a command.
[[nodiscard]] std::string destination_of(const NotifySettings& settings);

}  // namespace audit
