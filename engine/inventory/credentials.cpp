#include "inventory/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

constexpr Duration shortest_timeout = std::chrono::seconds(1);
constexpr Duration longest_timeout = std::chrono::minutes(5);
constexpr std::array<std::string_view, 3> places{"env", "file", "command"};

bool is_variable(std::string_view name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && good(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return good(c) || (c >= '0' && c <= '9'); });
}

/// The secret itself in place of where it is.
void refuse_secrets(Mistakes& mistakes, const NodeTable& table, std::vector<std::string_view>& known) {
  for (const KeyValue& member : table) {
    if (!names_a_secret(member.key)) continue;
    known.push_back(member.key);
    mistakes.add(member.at,
                 fmt::format("{}: a secret is not written into an inventory; say where it is, with env = \"VARIABLE\", "
                             "file = \"/path\" or command = [\"pass\", \"show\", \"web\"]",
                             abbreviated(member.key)));
  }
}

void read_command(Mistakes& mistakes, const KeyValue& member, CredentialSource& source) {
  if (member.node.get_if<std::string>() != nullptr) {
    mistakes.add(member.node.at,
                 "command is a list, its program and each argument by itself, since no shell takes it apart; write "
                 "command = [\"pass\", \"show\", \"web\"]");
    return;
  }
  const std::vector<Text> words = read_texts(mistakes, member, "\"pass\"");
  for (const Text& word : words) source.command.push_back(word.text);
  const auto* list = member.node.get_if<NodeList>();
  if (list != nullptr && list->empty())
    mistakes.add(member.node.at, "command names no program; write command = [\"pass\", \"show\", \"web\"]");
}

void read_place(Mistakes& mistakes, const KeyValue& member, const NodeTable& table, CredentialSource& source) {
  const KeyValue* env = find(table, "env");
  const KeyValue* file = find(table, "file");
  const KeyValue* command = find(table, "command");
  const KeyValue* timeout = find(table, "timeout");
  if (env != nullptr) source.env = read_text(mistakes, *env, "\"WEB_LOGIN\"").value_or("");
  if (file != nullptr) source.file = read_text(mistakes, *file, "\"/run/secrets/web\"").value_or("");
  if (command != nullptr) read_command(mistakes, *command, source);
  if (timeout != nullptr)
    source.timeout = read_duration(mistakes, *timeout, shortest_timeout, longest_timeout).value_or(source.timeout);
  const auto written = std::count_if(places.begin(), places.end(),
                                     [&](std::string_view place) { return find(table, place) != nullptr; });
  if (written != 1)
    mistakes.add(member.at,
                 "a credential has one of env = \"VARIABLE\", file = \"/path\" and command = [\"program\", "
                 "\"argument\"]: it says where the secret is");
  if (timeout != nullptr && command == nullptr)
    mistakes.add(timeout->at, "timeout is how long the command may take, and there is none");
  if (env != nullptr && !source.env.empty() && !is_variable(source.env))
    mistakes.add(env->node.at,
                 "env names an environment variable (letters, digits, _); the secret itself is not written here");
}

void read_hosts(Mistakes& mistakes, const KeyValue& member, GroupGraph& groups, Grant& grant) {
  for (const Text& item : read_texts(mistakes, member, "\"10.0.0.0/24\"")) {
    auto parsed = parse_exclude(item.text);  // addresses of any number, a name, a glob over names, or a group
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      mistakes.add(item.at, complaint->text);
      continue;
    }
    const auto& named = std::get<Exclude>(parsed);
    grant.hosts.insert(grant.hosts.end(), named.blocks.begin(), named.blocks.end());
    if (!named.name_glob.empty()) grant.names.push_back(named.name_glob);
    if (named.group.empty()) continue;
    for (const std::size_t group : groups.resolve({{named.group, item.at}})) grant.groups.push_back(groups[group].name);
  }
}

void read_endpoints(Mistakes& mistakes, const KeyValue& member, Grant& grant) {
  for (const Text& item : read_texts(mistakes, member, "\"udp/161\"")) {
    const auto ports = parse_transport_ports(item.text);
    if (ports && !item.text.starts_with("tcp/") && !item.text.starts_with("udp/")) {
      mistakes.add(item.at, fmt::format("{0} says no transport, and a secret goes to no port that is not meant; write "
                                        "\"tcp/{0}\" or \"udp/{0}\"",
                                        visible(item.text, 40)));
    } else if (ports) {
      grant.endpoints.add(*ports);
    } else {
      mistakes.add(item.at, fmt::format("{} is no endpoint; write a transport and its ports: \"tcp/22\", \"udp/161\", "
                                        "\"tcp/8000-8100\"",
                                        quoted(item.text)));
    }
  }
}

/// A list that names nobody would be one that is not there, and let it go everywhere.
void refuse_empty(Mistakes& mistakes, const KeyValue* member) {
  const auto* list = member == nullptr ? nullptr : member->node.get_if<NodeList>();
  if (list != nullptr && list->empty())
    mistakes.add(member->node.at,
                 fmt::format("{} is empty; name whom the credential is for, or leave it out", member->key));
}

void read_grant(Mistakes& mistakes, const NodeTable& table, GroupGraph& groups, Grant& grant) {
  for (const std::string_view key : {"groups", "targets", "endpoints"}) refuse_empty(mistakes, find(table, key));
  if (const KeyValue* named = find(table, "groups"))
    for (const std::size_t group : groups.resolve(read_texts(mistakes, *named, "\"switches\"")))
      grant.groups.push_back(groups[group].name);
  if (const KeyValue* hosts = find(table, "targets")) read_hosts(mistakes, *hosts, groups, grant);
  grant.limited = find(table, "groups") != nullptr || find(table, "targets") != nullptr;
  if (const KeyValue* endpoints = find(table, "endpoints")) read_endpoints(mistakes, *endpoints, grant);
  if (const KeyValue* cleartext = find(table, "cleartext"))
    grant.cleartext = read_boolean(mistakes, *cleartext).value_or(false);
  if (const KeyValue* unverified = find(table, "unverified"))
    grant.unverified = read_boolean(mistakes, *unverified).value_or(false);
}

void read_credential(Mistakes& mistakes, const KeyValue& member, GroupGraph& groups,
                     std::vector<CredentialSource>& credentials) {
  const std::string header = fmt::format("[credentials.{}]", abbreviated(member.key));
  if (member.key.empty()) {
    mistakes.add(member.at, "a credential needs a name: [credentials.web]");
    return;
  }
  const NodeTable* table = read_table(mistakes, member, header);
  if (table == nullptr) return;
  std::vector<std::string_view> known{"env",     "file",      "command",   "timeout",    "groups",
                                      "targets", "endpoints", "cleartext", "unverified", "notify"};
  refuse_secrets(mistakes, *table, known);
  check_keys(mistakes, *table, header, known);
  CredentialSource source;
  source.name = member.key;
  source.place = mistakes.place(member.at);
  read_place(mistakes, member, *table, source);
  if (const KeyValue* notify = find(*table, "notify")) source.notify = read_boolean(mistakes, *notify).value_or(false);
  read_grant(mistakes, *table, groups, source.grant);
  source.grant.limited = source.grant.limited || source.notify;  // what is for notifiers goes to no target unasked
  credentials.push_back(std::move(source));
}

}  // namespace

bool names_a_secret(std::string_view key) {
  constexpr std::array<std::string_view, 14> words{"password", "passwd",    "passphrase", "pass",       "pwd",
                                                   "secret",   "community", "token",      "apikey",     "api_key",
                                                   "bearer",   "secrets",   "passwords",  "communities"};
  std::string small(key);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == '.') c = '_';
  }
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return small.ends_with(word) && (small.size() == word.size() || small[small.size() - word.size() - 1] == '_');
  });
}

std::vector<CredentialSource> secret_places(const Mistakes& mistakes, const KeyValue* section) {
  std::vector<CredentialSource> found;
  const auto* table = section == nullptr ? nullptr : section->node.get_if<NodeTable>();
  if (table == nullptr) return found;
  for (const KeyValue& member : *table) {
    const auto* keys = member.node.get_if<NodeTable>();
    if (keys == nullptr) continue;
    const auto text = [&](std::string_view key) {
      const KeyValue* value = find(*keys, key);
      const auto* written = value == nullptr ? nullptr : value->node.get_if<std::string>();
      return written == nullptr ? std::string() : *written;
    };
    CredentialSource& place = found.emplace_back();
    place.name = member.key;
    place.env = text("env");
    place.file = text("file");
    place.place = mistakes.place(member.at);
  }
  return found;
}

void read_credentials(Mistakes& mistakes, const KeyValue* section, GroupGraph& groups,
                      std::vector<CredentialSource>& credentials) {
  const NodeTable* table = section == nullptr ? nullptr : read_table(mistakes, *section, "[credentials.NAME]");
  if (table == nullptr) return;
  for (const KeyValue& member : *table) read_credential(mistakes, member, groups, credentials);
}

}  // namespace audit::inventory
