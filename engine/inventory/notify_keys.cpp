#include "inventory/notify_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inventory/notify_address.hpp"
#include "inventory/notify_when.hpp"
#include "inventory/row.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_notifiers = 50;
constexpr std::size_t most_recipients = 50;
constexpr std::string_view command_example = "[\"/usr/local/bin/page\", \"--from\", \"audit\"]";

/// What only some kinds have, besides the keys that all have.
std::vector<std::string_view> keys_of(NotifierKind kind) {
  std::vector<std::string_view> keys{"name", "kind", "timeout", "attempts", "give_up_after"};
  const auto add = [&](std::initializer_list<std::string_view> more) { keys.insert(keys.end(), more); };
  if (kind != NotifierKind::ping) add({"when"});
  switch (kind) {
    case NotifierKind::webhook: add({"url", "credential", "cleartext", "ca"}); break;
    case NotifierKind::mail: add({"server", "tls", "from", "to", "credential", "ca"}); break;
    case NotifierKind::syslog: add({"server", "facility"}); break;
    case NotifierKind::command: add({"command"}); break;
    case NotifierKind::ping: add({"url", "cleartext", "ca"}); break;
  }
  return keys;
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

class NotifierReader {
 public:
  NotifierReader(Mistakes& mistakes, const std::vector<CredentialSource>& credentials)
      : mistakes_(mistakes), credentials_(credentials) {}

  void read(const Node& node, std::vector<NotifySettings>& notifiers) {
    Row row(mistakes_, node, "this notifier");
    NotifySettings notifier;
    const Place place = mistakes_.place(row.at());
    notifier.place = format_place(place);
    notifier.folder = folder_of(place.file);
    read_name(row, notifier);
    if (!read_kind(row, notifier)) return;
    check_keys(mistakes_, row.table(), fmt::format("[[notify]] of kind {}", name_of(notifier.kind)),
               keys_of(notifier.kind));
    read_own(row, notifier);
    read_patience(row, notifier);
    if (notifier.kind != NotifierKind::ping) notifier.when = read_when(mistakes_, row.find("when"));
    notifiers.push_back(std::move(notifier));
  }

 private:
  void read_name(Row& row, NotifySettings& notifier) {
    const KeyValue* member = row.need("name", "\"ops\"");
    if (member == nullptr) return;
    notifier.name = read_text(mistakes_, *member, "\"ops\"").value_or("");
    if (notifier.name.empty()) return;
    const bool plain = std::all_of(notifier.name.begin(), notifier.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    });
    if (!plain || notifier.name.size() > 40)
      mistakes_.add(member->node.at, fmt::format("name is at most 40 letters, digits and - _ . long; this is {}",
                                                 quoted(notifier.name)));
    const auto [first, fresh] = known_.emplace(notifier.name, member->node.at);
    if (!fresh)
      mistakes_.add(member->node.at, fmt::format("there is a notifier {} already, at {}; give this one another name",
                                                 quoted(notifier.name), mistakes_.where(first->second)));
  }

  bool read_kind(Row& row, NotifySettings& notifier) {
    const KeyValue* member = row.need("kind", "\"webhook\"");
    if (member == nullptr) return false;
    const auto* text = member->node.get_if<std::string>();
    const auto kind = text == nullptr ? std::nullopt : parse_notifier_kind(*text);
    if (kind) notifier.kind = *kind;
    if (!kind)
      mistakes_.add(
          member->node.at,
          fmt::format("kind has to be \"webhook\", \"mail\", \"syslog\", \"command\" or \"ping\"; this is {}{}",
                      text == nullptr ? std::string(kind_of(member->node)) : quoted(*text),
                      text == nullptr ? "" : did_you_mean(*text, {"webhook", "mail", "syslog", "command", "ping"})));
    return kind.has_value();
  }

  void read_own(Row& row, NotifySettings& notifier) {
    switch (notifier.kind) {
      case NotifierKind::webhook:
        read_url(row, "\"https://hooks.example.net/audit\"", notifier);
        read_credential(row, notifier);
        break;
      case NotifierKind::ping: read_url(row, "\"https://hc.example.net/2b7c\"", notifier); break;
      case NotifierKind::mail: read_mail(row, notifier); break;
      case NotifierKind::syslog: read_syslog(row, notifier); break;
      case NotifierKind::command: read_command(row, notifier); break;
    }
    if (const KeyValue* ca = row.find("ca"))
      notifier.ca = read_text(mistakes_, *ca, "\"/etc/audit/ca.pem\"").value_or("");
  }

  void read_address(const KeyValue& member, std::string_view example, const std::vector<NotifyScheme>& schemes,
                    NotifySettings& notifier) {
    const auto* text = member.node.get_if<std::string>();
    if (text == nullptr) {
      wrong_kind(mistakes_, member, "text in quotes", example);
      return;
    }
    auto parsed = parse_notify_address(*text, schemes);
    if (const auto* complaint = std::get_if<Complaint>(&parsed))
      mistakes_.add(member.node.at, complaint->text);
    else
      notifier.address = std::get<NotifyAddress>(std::move(parsed));
  }

  void read_url(Row& row, std::string_view example, NotifySettings& notifier) {
    const KeyValue* cleartext = row.find("cleartext");
    const bool allowed = cleartext != nullptr && read_boolean(mistakes_, *cleartext).value_or(false);
    const KeyValue* member = row.need("url", example);
    if (member == nullptr) return;
    read_address(*member, example, {{"https", 443}, {"http", 80}}, notifier);
    if (notifier.address.scheme == "http" && !allowed)
      mistakes_.add(member->node.at,
                    "http:// sends what the audit found in clear text; write https://, or cleartext = true");
  }

  void read_credential(Row& row, NotifySettings& notifier) {
    const KeyValue* member = row.find("credential");
    if (member == nullptr) return;
    notifier.credential = read_text(mistakes_, *member, "\"mail\"").value_or("");
    if (notifier.credential.empty()) return;
    const auto same = std::find_if(credentials_.begin(), credentials_.end(),
                                   [&](const CredentialSource& one) { return one.name == notifier.credential; });
    std::vector<std::string_view> names;
    for (const CredentialSource& one : credentials_) names.push_back(one.name);
    if (same == credentials_.end())
      mistakes_.add(member->node.at, fmt::format("there is no [credentials.{}]{}", visible(notifier.credential, 80),
                                                 names.empty() ? "" : suggestion(notifier.credential, names)));
    else if (!same->notify)
      mistakes_.add(
          member->node.at,
          fmt::format("credential {} ({}) is for targets, and goes nowhere else; write notify = true there if "
                      "notifiers may use it",
                      quoted(notifier.credential), format_place(same->place)));
    else if (notifier.kind == NotifierKind::mail && notifier.tls == MailTls::none && !same->grant.cleartext)
      mistakes_.add(member->node.at,
                    fmt::format("with tls = \"none\" credential {} would go to the server in clear text; write another "
                                "tls, or cleartext = true there ({})",
                                quoted(notifier.credential), format_place(same->place)));
  }

  void read_mail(Row& row, NotifySettings& notifier) {
    if (const KeyValue* tls = row.find("tls")) read_tls(*tls, notifier);
    constexpr std::string_view example = "\"smtp://mail.example.net:587\"";
    const std::uint16_t port = notifier.tls == MailTls::starttls ? 587 : notifier.tls == MailTls::implicit ? 465 : 25;
    if (const KeyValue* server = row.need("server", example))
      read_address(*server, example, {{"smtp", port}}, notifier);
    if (const KeyValue* from = row.need("from", "\"audit@example.net\""))
      if (const auto text = read_text(mistakes_, *from, "\"audit@example.net\""))
        notifier.from = mailbox({*text, from->node.at});
    if (const KeyValue* to = row.need("to", "[\"netsec@example.net\"]")) read_recipients(*to, notifier);
    read_credential(row, notifier);
  }

  void read_recipients(const KeyValue& member, NotifySettings& notifier) {
    for (const Text& text : read_texts(mistakes_, member, "\"netsec@example.net\""))
      notifier.to.push_back(mailbox(text));
    const auto* list = member.node.get_if<NodeList>();
    if (list != nullptr && (list->empty() || list->size() > most_recipients))
      mistakes_.add(member.node.at,
                    fmt::format("to has to hold 1 to {} addresses; this is {}", most_recipients, list->size()));
  }

  std::string mailbox(const Text& text) {
    if (!is_mailbox(text.text))
      mistakes_.add(text.at, fmt::format("{} is no mail address; write name@example.net, without a display name",
                                         quoted(text.text)));
    return text.text;
  }

  void read_tls(const KeyValue& member, NotifySettings& notifier) {
    const auto* text = member.node.get_if<std::string>();
    if (text != nullptr && *text == "starttls")
      notifier.tls = MailTls::starttls;
    else if (text != nullptr && *text == "implicit")
      notifier.tls = MailTls::implicit;
    else if (text != nullptr && *text == "none")
      notifier.tls = MailTls::none;
    else
      mistakes_.add(member.node.at,
                    fmt::format("tls has to be \"starttls\", \"implicit\" or \"none\"; this is {}{}",
                                text == nullptr ? std::string(kind_of(member.node)) : quoted(*text),
                                text == nullptr ? "" : did_you_mean(*text, {"starttls", "implicit", "none"})));
  }

  void read_syslog(Row& row, NotifySettings& notifier) {
    constexpr std::string_view example = "\"tcp://log.example.net:601\"";
    if (const KeyValue* server = row.need("server", example))
      read_address(*server, example, {{"udp", 514}, {"tcp", 601}, {"unix", 0}}, notifier);
    const KeyValue* facility = row.find("facility");
    if (facility == nullptr) return;
    const auto* text = facility->node.get_if<std::string>();
    const auto* found = text == nullptr ? syslog_facilities.end()
                                        : std::find(syslog_facilities.begin(), syslog_facilities.end(), *text);
    if (found != syslog_facilities.end()) {
      notifier.facility = static_cast<std::uint8_t>(found - syslog_facilities.begin());
      return;
    }
    const std::vector<std::string_view> names(syslog_facilities.begin(), syslog_facilities.end());
    std::string list;
    for (const std::string_view name : names) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", name);
    mistakes_.add(facility->node.at, fmt::format("facility has to be one of {}; this is {}{}", list,
                                                 text == nullptr ? std::string(kind_of(facility->node)) : quoted(*text),
                                                 text == nullptr ? "" : did_you_mean(*text, names)));
  }

  void read_command(Row& row, NotifySettings& notifier) {
    const KeyValue* member = row.need("command", command_example);
    if (member == nullptr) return;
    if (member->node.get_if<std::string>() != nullptr) {
      mistakes_.add(member->node.at, fmt::format("command is a list, its program and each argument by itself, since no "
                                                 "shell takes it apart; write command = {}",
                                                 command_example));
      return;
    }
    for (const Text& word : read_texts(mistakes_, *member, "\"/usr/local/bin/page\""))
      notifier.command.push_back(word.text);
    const auto* list = member->node.get_if<NodeList>();
    if (list != nullptr && list->empty())
      mistakes_.add(member->node.at, fmt::format("command names no program; write command = {}", command_example));
  }

  void read_patience(Row& row, NotifySettings& notifier) {
    if (const KeyValue* timeout = row.find("timeout"))
      notifier.timeout = read_duration(mistakes_, *timeout, std::chrono::milliseconds(100), std::chrono::minutes(1))
                             .value_or(notifier.timeout);
    if (const KeyValue* attempts = row.find("attempts"))
      notifier.attempts = static_cast<std::uint32_t>(read_whole(mistakes_, *attempts, 1, 10).value_or(1));
    if (const KeyValue* total = row.find("give_up_after"))
      notifier.give_up_after = read_duration(mistakes_, *total, std::chrono::seconds(1), std::chrono::minutes(10))
                                   .value_or(notifier.give_up_after);
  }

  Mistakes& mistakes_;
  const std::vector<CredentialSource>& credentials_;
  std::map<std::string, Position> known_;
};

}  // namespace

std::vector<NotifySettings> read_notifiers(Mistakes& mistakes, const KeyValue& section,
                                           const std::vector<CredentialSource>& credentials) {
  std::vector<NotifySettings> notifiers;
  NotifierReader reader(mistakes, credentials);
  const std::vector<const Node*> rows = read_rows(mistakes, section);
  if (rows.size() > most_notifiers)
    mistakes.add(section.at,
                 fmt::format("there are {} notifiers; at most {} are told of a run", rows.size(), most_notifiers));
  for (const Node* node : rows) reader.read(*node, notifiers);
  return notifiers;
}

}  // namespace audit::inventory
