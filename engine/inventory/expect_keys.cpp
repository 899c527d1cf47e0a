#include "inventory/expect_keys.hpp"

#include <fmt/format.h>

#include "inventory/port_keys.hpp"

namespace audit::inventory {
namespace {

/// One table of ports while it is read.
struct Reading {
  Mistakes& mistakes;
  Transport transport;
  Place place;
  std::vector<Written>& written;

  [[nodiscard]] std::string name() const { return fmt::format("expect.{}", name_of(transport)); }

  /// `set` is called on what is expected of these ports once the layers are merged.
  void put(const KeyValue& member, std::string shown, std::function<void(ExpectedPorts&)> set) {
    const auto which = transport == Transport::tcp ? &Draft::tcp : &Draft::udp;
    written.push_back({fmt::format("{}.{}", name(), member.key), std::move(shown), member.at,
                       [which, at = place, set = std::move(set)](Draft& draft) {
                         std::optional<ExpectedPorts>& expected = draft.*which;
                         if (!expected) expected.emplace();
                         set(*expected);
                         expected->place = at;
                       }});
  }
};

std::string format_allowed(const std::vector<AllowedPort>& allowed) {
  std::string text;
  for (const AllowedPort& port : allowed) {
    PortSet range;
    range.add(port.ports.first, port.ports.last);
    text += (text.empty() ? "" : ", ") + range.format();
    if (!port.why.empty()) text += fmt::format(" ({})", literal(port.why));
  }
  return fmt::format("[{}]", text);
}

PortSet read_port_set(Reading& reading, const NodeTable& table, std::string_view key, PortSet ExpectedPorts::*set) {
  const KeyValue* member = find(table, key);
  const auto ports = member == nullptr ? std::nullopt : read_ports(reading.mistakes, *member, reading.transport);
  if (!ports) return {};
  reading.put(*member, ports->format(), [set, ports = *ports](ExpectedPorts& expected) { expected.*set = ports; });
  return *ports;
}

PortSet read_allow(Reading& reading, const NodeTable& table) {
  const KeyValue* member = find(table, "allow");
  const auto allowed = member == nullptr ? std::nullopt : read_allowed(reading.mistakes, *member, reading.transport);
  if (!allowed) return {};
  reading.put(*member, format_allowed(*allowed),
              [allowed = *allowed](ExpectedPorts& expected) { expected.allow = allowed; });
  PortSet ports;
  for (const AllowedPort& port : *allowed) ports.add(port.ports.first, port.ports.last);
  return ports;
}

void read_other(Reading& reading, const NodeTable& table) {
  const KeyValue* member = find(table, "other");
  if (member == nullptr) return;
  const auto* text = member->node.get_if<std::string>();
  if (text == nullptr || (*text != "fail" && *text != "info")) {
    reading.mistakes.add(
        member->node.at,
        fmt::format(
            "other says what an open port in sweep is that nothing else names: \"fail\" or \"info\"; this is {}{}",
            text == nullptr ? std::string(kind_of(member->node)) : quoted(*text),
            text == nullptr ? "" : did_you_mean(*text, {"fail", "info"})));
    return;
  }
  reading.put(*member, quoted(*text),
              [fails = *text == "fail"](ExpectedPorts& expected) { expected.others_fail = fails; });
}

/// False, and a mistake, for what one table both wants and denies.
bool check_denied(Reading& reading, const NodeTable& table, const PortSet& wanted, std::string_view key,
                  const PortSet& denied) {
  PortSet rest = wanted;
  rest.remove(denied);
  PortSet both = wanted;
  both.remove(rest);
  if (both.empty()) return true;
  reading.mistakes.add(find(table, "deny")->at,
                       fmt::format("{}/{} is in {} and in deny of one table; take it out of one",
                                   name_of(reading.transport), both.format(), key));
  return false;
}

void read_expected_ports(Mistakes& mistakes, const KeyValue& member, Transport transport,
                         std::vector<Written>& written) {
  Reading reading{mistakes, transport, mistakes.place(member.at), written};
  const std::string name = reading.name();
  const NodeTable* table = read_table(mistakes, member, name + " = { sweep = …, require = …, allow = … }");
  if (table == nullptr) return;
  check_keys(mistakes, *table, name, {"sweep", "require", "allow", "deny", "other"});
  if (table->empty())
    mistakes.add(member.at, name + " expects nothing; write sweep, require, allow or deny in it, or take it out");
  read_port_set(reading, *table, "sweep", &ExpectedPorts::sweep);
  const PortSet require = read_port_set(reading, *table, "require", &ExpectedPorts::require);
  const PortSet allow = read_allow(reading, *table);
  const PortSet deny = read_port_set(reading, *table, "deny", &ExpectedPorts::deny);
  read_other(reading, *table);
  const bool consistent = check_denied(reading, *table, require, "require", deny);
  if (check_denied(reading, *table, allow, "allow", deny) && consistent) return;
  std::erase_if(written, [key = name + ".deny"](const Written& one) { return one.key == key; });  // told already
}

}  // namespace

void read_expect(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written) {
  const NodeTable* table = read_table(mistakes, member, "expect.tcp = { … }");
  if (table == nullptr) return;
  std::vector<std::string_view> known{"tcp", "udp"};
  known.insert(known.end(), std::begin(answer_keys), std::end(answer_keys));
  check_keys(mistakes, *table, "expect", known);
  if (const KeyValue* tcp = find(*table, "tcp")) read_expected_ports(mistakes, *tcp, Transport::tcp, written);
  if (const KeyValue* udp = find(*table, "udp")) read_expected_ports(mistakes, *udp, Transport::udp, written);
  read_expected_answers(mistakes, *table, written);
}

}  // namespace audit::inventory
