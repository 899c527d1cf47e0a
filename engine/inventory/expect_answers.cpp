#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/addresses.hpp"
#include "inventory/expect_keys.hpp"
#include "inventory/notation.hpp"

namespace audit::inventory {
namespace {

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

void put(std::vector<Written>& written, const KeyValue& member, std::string shown,
         std::function<void(ExpectedAnswers&)> set) {
  written.push_back({"expect." + member.key, std::move(shown), member.at, [set = std::move(set)](Draft& draft) {
                       if (!draft.answers) draft.answers.emplace();
                       set(*draft.answers);
                     }});
}

/// The tables of a list; nothing where it is none, or empty.
const NodeList* read_items(Mistakes& mistakes, const KeyValue& member, std::string_view example) {
  const auto* list = member.node.get_if<NodeList>();
  if (list == nullptr) {
    wrong_kind(mistakes, member, "a list", example);
  } else if (list->empty()) {
    mistakes.add(member.at,
                 fmt::format("expect.{} expects nothing; write one, such as {}, or take it out", member.key, example));
    list = nullptr;
  }
  return list;
}

std::optional<std::uint16_t> read_port(Mistakes& mistakes, const NodeTable& item, std::uint16_t usual) {
  const KeyValue* port = find(item, "port");
  if (port == nullptr) return usual;
  const auto number = read_whole(mistakes, *port, 1, 65'535);
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

/// SHA-256 as openssl and browsers print it, with colons or without, "sha256:" before it or not: 64 hex digits.
std::string read_digest(std::string_view text) {
  std::string digest = ascii_lower(text);
  for (const std::string_view prefix : {"sha256:", "sha-256:", "sha256 fingerprint="})
    if (digest.starts_with(prefix)) digest.erase(0, prefix.size());
  digest.erase(std::remove_if(digest.begin(), digest.end(), [](char c) { return c == ':' || c == ' '; }), digest.end());
  const bool good = digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  return good ? digest : std::string();
}

constexpr std::string_view certificate_example = "[{ port = 443, fingerprint = \"sha256:…\" }]";

bool read_certificate(Mistakes& mistakes, const Node& node, std::vector<ExpectedCertificate>& all) {
  const auto* item = node.get_if<NodeTable>();
  if (item == nullptr) {
    mistakes.add(node.at,
                 fmt::format("a certificate is a table, such as {}; this is {}", certificate_example, kind_of(node)));
    return false;
  }
  check_keys(mistakes, *item, "an item of expect.certificates", {"port", "server_name", "fingerprint", "issuer"});
  ExpectedCertificate one;
  const auto port = read_port(mistakes, *item, one.port);
  if (!port) return false;
  one.port = *port;
  if (const KeyValue* name = find(*item, "server_name")) {
    const auto text = read_text(mistakes, *name, "\"www.example.net\"");
    if (!text) return false;
    const auto host = parse_host_name(*text);
    if (const auto* complaint = std::get_if<Complaint>(&host); complaint != nullptr && !parse_address(*text)) {
      mistakes.add(name->node.at, fmt::format("server_name is the name that is asked for: {}", complaint->text));
      return false;
    }
    one.server_name = ascii_lower(*text);
  }
  if (const KeyValue* fingerprint = find(*item, "fingerprint")) {
    const auto text = read_text(mistakes, *fingerprint, "\"sha256:…\"");
    if (!text) return false;
    one.fingerprint = read_digest(*text);
    if (one.fingerprint.empty()) {
      mistakes.add(fingerprint->node.at,
                   fmt::format("{} is no SHA-256 fingerprint: \"sha256:\" and 64 hex digits, as `openssl x509 -noout "
                               "-fingerprint -sha256` prints them",
                               quoted(*text)));
      return false;
    }
  }
  if (const KeyValue* issuer = find(*item, "issuer")) {
    const auto text = read_text(mistakes, *issuer, "\"CN=Example CA,O=Example\"");
    if (!text) return false;
    one.issuer = *text;
  }
  if (one.fingerprint.empty() && one.issuer.empty()) {
    mistakes.add(node.at, "this certificate may be any; write its fingerprint, its issuer, or both");
    return false;
  }
  all.push_back(std::move(one));
  return true;
}

bool read_host_key(Mistakes& mistakes, const Node& node, std::vector<ExpectedHostKey>& all) {
  constexpr std::size_t length = 43;
  ExpectedHostKey one;
  const Node* fingerprint = &node;
  if (const auto* item = node.get_if<NodeTable>()) {
    check_keys(mistakes, *item, "an item of expect.ssh_host_keys", {"port", "fingerprint"});
    const auto port = read_port(mistakes, *item, one.port);
    if (!port) return false;
    one.port = *port;
    const KeyValue* member = find(*item, "fingerprint");
    if (member != nullptr) fingerprint = &member->node;
  }
  const auto* text = fingerprint->get_if<std::string>();
  const bool good = text != nullptr && text->starts_with("SHA256:") && text->size() == 7 + length &&
                    text->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 7) ==
                        std::string::npos;
  if (!good) {
    mistakes.add(fingerprint->at,
                 fmt::format("{} is no SSH host key: \"SHA256:\" and {} characters, as `ssh-keygen -l` prints them, or "
                             "{{ port = 2222, fingerprint = \"SHA256:…\" }}",
                             text == nullptr ? std::string(kind_of(*fingerprint)) : quoted(*text), length));
    return false;
  }
  one.fingerprint = *text;
  all.push_back(std::move(one));
  return true;
}

bool read_service(Mistakes& mistakes, const Node& node, std::vector<ExpectedService>& all) {
  const auto* item = node.get_if<NodeTable>();
  const KeyValue* service = item == nullptr ? nullptr : find(*item, "service");
  if (item != nullptr) check_keys(mistakes, *item, "an item of expect.services", {"port", "service"});
  if (service == nullptr || find(*item, "port") == nullptr) {
    mistakes.add(node.at, "a service is a port and what it speaks, such as { port = 22, service = \"ssh\" }");
    return false;
  }
  const auto port = read_port(mistakes, *item, 0);
  const auto text = read_text(mistakes, *service, "\"ssh\"");
  if (!port || !text) return false;
  const std::vector<std::string_view>& known = expected_services();
  if (std::find(known.begin(), known.end(), *text) == known.end()) {
    mistakes.add(service->node.at,
                 fmt::format("audit cannot tell whether a port speaks {}{}", quoted(*text), suggestion(*text, known)));
    return false;
  }
  for (const ExpectedService& other : all)
    if (other.port == *port && other.service != *text) {
      mistakes.add(node.at, fmt::format("port {} is expected to speak {} and {}; a port speaks one", *port,
                                        other.service, *text));
      return false;
    }
  all.push_back({*port, *text});
  return true;
}

/// A list whose items are all good is written.
template <class Item>
void read_list(Mistakes& mistakes, const NodeTable& expect, std::string_view key, std::string_view example,
               bool (*read)(Mistakes&, const Node&, std::vector<Item>&), std::vector<Item> ExpectedAnswers::*list,
               std::string (*format)(const Item&), std::vector<Written>& written) {
  const KeyValue* member = find(expect, key);
  const NodeList* items = member == nullptr ? nullptr : read_items(mistakes, *member, example);
  if (items == nullptr) return;
  std::vector<Item> all;
  bool good = true;
  for (const Node& node : *items) good = read(mistakes, node, all) && good;
  if (!good) return;
  std::string shown;
  for (const Item& one : all) shown += (shown.empty() ? "" : ", ") + format(one);
  put(written, *member, fmt::format("[{}]", shown),
      [list, all = std::move(all)](ExpectedAnswers& answers) { answers.*list = all; });
}

std::string format_certificate(const ExpectedCertificate& one) {
  return fmt::format("{} {} {} {}", one.port, literal(one.server_name), one.fingerprint, literal(one.issuer));
}
std::string format_host_key(const ExpectedHostKey& one) { return fmt::format("{} {}", one.port, one.fingerprint); }
std::string format_service(const ExpectedService& one) { return fmt::format("{} {}", one.port, one.service); }

void read_names(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  std::vector<std::string> names;
  for (const Text& text : read_texts(mistakes, member, "\"www.example.net\"")) {
    std::string plain = text.text;  // its wildcards stand for parts of names
    for (char& c : plain)
      if (c == '*' || c == '?') c = 'x';
    const auto parsed = parse_host_name(plain);
    if (const auto* complaint = std::get_if<Complaint>(&parsed))
      mistakes.add(text.at, fmt::format("expect.names are those of reverse records: {}", complaint->text));
    std::string name = ascii_lower(text.text);
    if (name.ends_with('.')) name.pop_back();
    names.push_back(std::move(name));
  }
  put(written, member, fmt::format("[{}]", fmt::join(names, ", ")),
      [names = std::move(names)](ExpectedAnswers& answers) { answers.names = names; });
}

void read_expected_addresses(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  std::vector<AddressBlock> blocks;
  std::vector<std::string> texts;
  for (const Text& text : read_texts(mistakes, member, "\"192.0.2.7\"")) {
    auto parsed = parse_addresses(text.text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      mistakes.add(text.at, complaint->text);
      continue;
    }
    blocks.push_back(std::get<Addresses>(parsed).block);
    texts.push_back(text.text);
  }
  if (blocks.empty()) {
    const auto* list = member.node.get_if<NodeList>();
    if (list != nullptr && list->empty())
      mistakes.add(member.at,
                   "expect.addresses is empty, and a name without addresses is no target; write those that it has");
    return;
  }
  put(written, member, fmt::format("[{}]", fmt::join(texts, ", ")), [blocks, texts](ExpectedAnswers& answers) {
    answers.addresses = blocks;
    answers.address_texts = texts;
  });
}

}  // namespace

void read_expected_answers(Mistakes& mistakes, const NodeTable& expect, std::vector<Written>& written) {
  if (const KeyValue* names = find(expect, "names")) read_names(mistakes, *names, written);
  if (const KeyValue* addresses = find(expect, "addresses")) read_expected_addresses(mistakes, *addresses, written);
  read_list(mistakes, expect, "certificates", certificate_example, read_certificate, &ExpectedAnswers::certificates,
            format_certificate, written);
  read_list(mistakes, expect, "ssh_host_keys", "[\"SHA256:…\"]", read_host_key, &ExpectedAnswers::ssh_host_keys,
            format_host_key, written);
  read_list(mistakes, expect, "services", "[{ port = 22, service = \"ssh\" }]", read_service,
            &ExpectedAnswers::services, format_service, written);
}

}  // namespace audit::inventory
