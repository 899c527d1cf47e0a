#include "inventory/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::inventory {
namespace {

bool is_variable(std::string_view name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && good(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return good(c) || (c >= '0' && c <= '9'); });
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
  check_keys(mistakes, *table, header, {"env", "file", "groups"}, {{"command", "command of a credential"}});
  CredentialSource source;
  source.name = member.key;
  source.place = mistakes.place(member.at);
  const KeyValue* env = find(*table, "env");
  const KeyValue* file = find(*table, "file");
  if (env != nullptr) source.env = read_text(mistakes, *env, "\"WEB_LOGIN\"").value_or("");
  if (file != nullptr) source.file = read_text(mistakes, *file, "\"/run/secrets/web\"").value_or("");
  if ((env == nullptr) == (file == nullptr))
    mistakes.add(member.at,
                 "a credential has either env = \"VARIABLE\" or file = \"/path\": it says where the secret is");
  if (env != nullptr && !source.env.empty() && !is_variable(source.env))
    mistakes.add(env->node.at,
                 "env names an environment variable (letters, digits, _); the secret itself is not written here");
  if (const KeyValue* named = find(*table, "groups"))
    for (const std::size_t group : groups.resolve(read_texts(mistakes, *named, "\"switches\"")))
      source.groups.push_back(groups[group].name);
  credentials.push_back(std::move(source));
}

}  // namespace

void read_credentials(Mistakes& mistakes, const KeyValue* section, GroupGraph& groups,
                      std::vector<CredentialSource>& credentials) {
  const NodeTable* table = section == nullptr ? nullptr : read_table(mistakes, *section, "[credentials.NAME]");
  if (table == nullptr) return;
  for (const KeyValue& member : *table) read_credential(mistakes, member, groups, credentials);
}

}  // namespace audit::inventory
