#include "inventory/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inventory/addresses.hpp"
#include "inventory/attestation_keys.hpp"
#include "inventory/credentials.hpp"
#include "inventory/excludes.hpp"
#include "inventory/guard_index.hpp"
#include "inventory/history_keys.hpp"
#include "inventory/merge.hpp"
#include "inventory/notation.hpp"
#include "inventory/notify_keys.hpp"
#include "inventory/port_keys.hpp"
#include "inventory/report_keys.hpp"
#include "inventory/sources.hpp"
#include "inventory/targets.hpp"
#include "inventory/time_zone.hpp"
#include "inventory/waiver_keys.hpp"
#include "inventory/zones.hpp"

namespace audit::inventory {
namespace {

constexpr std::array<std::string_view, 18> root_keys{
    "schema",      "include", "audit",   "limits", "identity", "scope",        "services", "groups",  "params",
    "credentials", "targets", "sources", "zones",  "waivers",  "attestations", "notify",   "history", "report"};

void read_fail_on(Mistakes& mistakes, const KeyValue& member, Inventory& inventory) {
  const auto* text = member.node.get_if<std::string>();
  if (text != nullptr && (*text == "never" || parse_severity(*text))) {
    inventory.fail_on = *text;
    return;
  }
  mistakes.add(
      member.node.at,
      fmt::format("fail_on has to be \"critical\", \"high\", \"medium\", \"low\", \"info\" or \"never\"; this is {}{}",
                  text == nullptr ? std::string(kind_of(member.node)) : quoted(*text),
                  text == nullptr ? "" : did_you_mean(*text, {"critical", "high", "medium", "low", "info", "never"})));
}

void read_resolvers(Mistakes& mistakes, const KeyValue& member, Inventory& inventory) {
  for (const Text& item : read_texts(mistakes, member, "\"192.0.2.53\"")) {
    const auto resolver = parse_resolver(item.text);
    if (const auto* complaint = std::get_if<Complaint>(&resolver))
      mistakes.add(item.at, complaint->text);
    else
      inventory.resolvers.push_back(std::get<std::string>(resolver));
  }
}

void read_coverage(Mistakes& mistakes, const KeyValue& member, Inventory& inventory) {
  const auto* percent = member.node.get_if<std::int64_t>();
  if (percent != nullptr && *percent > 1 && *percent <= 100) {
    mistakes.add(member.node.at, fmt::format("require_coverage goes from 0 to 1; write {} for {} %",
                                             static_cast<double>(*percent) / 100, *percent));
    return;
  }
  inventory.require_coverage = read_number(mistakes, member, 0, 1).value_or(1);
}

/// A URI reference (RFC 3986), as OSCAL's `href` takes it: no blank and no control in it.
std::string read_reference(Mistakes& mistakes, const KeyValue& member, const char* example) {
  std::string text = read_text(mistakes, member, example).value_or("");
  const bool spaced = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (!spaced) return text;
  mistakes.add(member.node.at,
               fmt::format("{} is a URL or a path, and {} has a blank in it; write %20 for one, as in {}", member.key,
                           quoted(text), example));
  return {};
}

void read_audit(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  check_keys(mistakes, table, "[audit]",
             {"name", "select", "require_coverage", "fail_on", "resolvers", "timezone", "warn_days", "authorised_by",
              "ssp", "assessment_plan"});
  for (const KeyValue& member : table) {
    if (member.key == "name")
      inventory.name = read_text(mistakes, member, "\"Campus\"").value_or("");
    else if (member.key == "select") {
      inventory.select = read_text(mistakes, member, "\"exposure or ssh\"").value_or("");
      inventory.select_place = mistakes.place(member.node.at);
    } else if (member.key == "require_coverage")
      read_coverage(mistakes, member, inventory);
    else if (member.key == "fail_on")
      read_fail_on(mistakes, member, inventory);
    else if (member.key == "resolvers")
      read_resolvers(mistakes, member, inventory);
    else if (member.key == "timezone")
      inventory.timezone = read_time_zone(mistakes, member);
    else if (member.key == "authorised_by")
      inventory.authorised_by = read_text(mistakes, member, "\"j.doe, CISO, 2026-11-02\"").value_or("");
    else if (member.key == "ssp")
      inventory.ssp = read_reference(mistakes, member, "\"https://grc.example.net/ssp.json\"");
    else if (member.key == "assessment_plan")
      inventory.assessment_plan = read_reference(mistakes, member, "\"plans/2026.json\"");
    else if (member.key == "warn_days")
      inventory.warn_days = static_cast<std::uint32_t>(read_whole(mistakes, member, 0, 3'650).value_or(0));
  }
}

void read_identity(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  check_keys(mistakes, table, "[identity]", {"contact", "user_agent"});
  if (const KeyValue* contact = find(table, "contact"))
    inventory.contact = read_text(mistakes, *contact, "\"netsec@example.net\"").value_or("");
  if (const KeyValue* agent = find(table, "user_agent"))
    inventory.user_agent = read_text(mistakes, *agent, "\"audit (netsec@example.net)\"").value_or("");
}

void read_include(Mistakes& mistakes, const KeyValue& member, Scope& scope) {
  for (const Text& item : read_texts(mistakes, member, "\"10.0.0.0/8\"")) {
    const auto parsed =
        meant_as_addresses(item.text)
            ? parse_addresses(item.text)
            : Parsed<Addresses>(Complaint{fmt::format("{} is no address or network: include bounds where "
                                                      "names may lead, such as \"10.0.0.0/8\"",
                                                      quoted(item.text))});
    if (const auto* complaint = std::get_if<Complaint>(&parsed))
      mistakes.add(item.at, complaint->text);
    else
      scope.include.push_back(std::get<Addresses>(parsed).block);
  }
}

void read_scope(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  check_keys(mistakes, table, "[scope]", {"include", "exclude", "never"});
  if (const KeyValue* include = find(table, "include")) read_include(mistakes, *include, inventory.scope);
  if (const KeyValue* exclude = find(table, "exclude")) read_excludes(mistakes, *exclude, inventory);
  if (const KeyValue* never = find(table, "never")) inventory.scope.never = read_never(mistakes, *never);
}

void read_services(Mistakes& mistakes, const NodeTable& table, Inventory& inventory) {
  for (const KeyValue& member : table) {
    const auto port = parse_service_port(member.key);
    if (!port)
      mistakes.add(member.at, fmt::format("{} is not a port; [services] names ports from 1 to 65535: 830 = \"NETCONF\"",
                                          quoted(member.key)));
    const auto name = read_text(mistakes, member, "\"NETCONF\"");
    if (port && name) inventory.services[*port] = *name;
  }
}

using ReadSection = void (*)(Mistakes&, const NodeTable&, Inventory&);

void read_section(Mistakes& mistakes, const NodeTable& root, std::string_view key, Inventory& inventory,
                  ReadSection read) {
  const KeyValue* member = find(root, key);
  const NodeTable* table = member == nullptr ? nullptr : read_table(mistakes, *member, fmt::format("[{}]", key));
  if (table != nullptr) read(mistakes, *table, inventory);
}

Layer read_base(Mistakes& mistakes, const NodeTable& root, Inventory& inventory) {
  Layer base;
  base.never = inventory.scope.never;
  if (const KeyValue* scope = find(root, "scope"))
    if (const auto* table = scope->node.get_if<NodeTable>())
      if (const KeyValue* never = find(*table, "never")) base.never_at = never->at;
  if (const KeyValue* limits = find(root, "limits")) read_limits(mistakes, *limits, true, base.written);
  if (const KeyValue* params = find(root, "params")) read_params(mistakes, *params, base.written, inventory.params);
  Draft draft;
  for (const Written& written : base.written) written.put(draft);
  inventory.limits = draft.settings.limits;
  return base;
}

/// An empty list names no more targets than none.
bool has_sources(const NodeTable& root) {
  const KeyValue* sources = find(root, "sources");
  const auto* list = sources == nullptr ? nullptr : sources->node.get_if<NodeList>();
  return sources != nullptr && (list == nullptr || !list->empty());
}

}  // namespace

void read_schema(Mistakes& mistakes, const KeyValue& member) {
  const auto* number = member.node.get_if<std::int64_t>();
  if (number != nullptr && *number == 1) return;
  mistakes.add(member.node.at,
               fmt::format("this version of audit reads schema = 1; this is {}",
                           number != nullptr ? fmt::format("{}", *number) : std::string(kind_of(member.node))));
}

bool is_root_key(std::string_view key) { return std::find(root_keys.begin(), root_keys.end(), key) != root_keys.end(); }

TransportPorts default_never() { return *parse_transport_ports("tcp/9100-9107"); }

void read_inventory(const NodeTable& root, const LoadOptions& options, Mistakes& mistakes, Notices& notices,
                    Inventory& inventory) {
  check_keys(mistakes, root, "the inventory", {root_keys.begin(), root_keys.end()});
  inventory.scope.never = default_never();
  if (const KeyValue* schema = find(root, "schema")) read_schema(mistakes, *schema);
  read_section(mistakes, root, "audit", inventory, read_audit);
  read_section(mistakes, root, "identity", inventory, read_identity);
  inventory.zones = read_zones(mistakes, find(root, "zones"));
  read_section(mistakes, root, "scope", inventory, read_scope);
  read_section(mistakes, root, "services", inventory, read_services);
  read_section(mistakes, root, "history", inventory, read_history);
  read_section(mistakes, root, "report", inventory, read_report);

  const Layer base = read_base(mistakes, root, inventory);
  GroupGraph groups(mistakes, find(root, "groups"), inventory.params);
  Merger merger(mistakes, groups, base, options.origins);
  merger.check_groups();
  const std::vector<SourcedTargets> sourced =
      read_sources(mistakes, notices, find(root, "sources"), groups, options, inventory,
                   secret_places(mistakes, find(root, "credentials")));
  inventory.groups = groups.records();
  read_credentials(mistakes, find(root, "credentials"), groups, inventory.credentials);
  notice_credentials(inventory.credentials, notices);
  check_excluded_groups(find(root, "scope"), groups);
  if (const KeyValue* waivers = find(root, "waivers"))
    inventory.waivers = read_waivers(mistakes, *waivers, groups, inventory.zones);
  if (const KeyValue* attestations = find(root, "attestations"))
    inventory.attestations = read_attestations(mistakes, *attestations);
  if (const KeyValue* notify = find(root, "notify"))
    inventory.notifiers = read_notifiers(mistakes, *notify, inventory.credentials);
  TargetReader targets(mistakes, notices, groups, merger, inventory.params);
  inventory.entries = targets.read(find(root, "targets"), sourced, has_sources(root));
  settle_excludes(inventory);
  inventory.guards = std::make_shared<const GuardIndex>(inventory);
  if (!mistakes.any()) check_zones(mistakes, inventory.zones, inventory.entries);
  if (!mistakes.any()) {
    notice_overlaps(inventory.entries, notices);
    notice_expectations(inventory.entries, notices);
  }
}

}  // namespace audit::inventory
