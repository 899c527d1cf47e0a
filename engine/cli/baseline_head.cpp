#include "cli/baseline_head.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::cli {
namespace {

/// The limits that differ, as `key = value`.
std::vector<std::string> limits_unlike(const inventory::Limits& limits, const inventory::Limits& usual) {
  std::vector<std::string> keys;
  const auto duration = [&](const char* key, Duration value, Duration other) {
    if (value != other) keys.push_back(fmt::format("{} = {}", key, quoted(format_duration(value))));
  };
  if (limits.rate != usual.rate) keys.push_back(fmt::format("rate = {}", limits.rate));
  if (limits.per_target != usual.per_target) keys.push_back(fmt::format("per_target = {}", limits.per_target));
  if (limits.per_prefix_bounds_sweep != usual.per_prefix_bounds_sweep)
    keys.push_back(fmt::format("per_prefix = {}", limits.per_prefix));
  duration("gap", limits.gap, usual.gap);
  duration("timeout", limits.timeout, usual.timeout);
  if (limits.attempts != usual.attempts) keys.push_back(fmt::format("attempts = {}", limits.attempts));
  return keys;
}

std::string audit_table(const inventory::Inventory& inventory) {
  std::string toml;
  if (!inventory.name.empty()) toml += fmt::format("name = {}\n", quoted(inventory.name));
  if (!inventory.authorised_by.empty()) toml += fmt::format("authorised_by = {}\n", quoted(inventory.authorised_by));
  if (!inventory.ssp.empty()) toml += fmt::format("ssp = {}\n", quoted(inventory.ssp));
  if (!inventory.assessment_plan.empty())
    toml += fmt::format("assessment_plan = {}\n", quoted(inventory.assessment_plan));
  if (!inventory.select.empty()) toml += fmt::format("select = {}\n", quoted(inventory.select));
  if (inventory.require_coverage < 1) toml += fmt::format("require_coverage = {}\n", inventory.require_coverage);
  if (inventory.fail_on != "low") toml += fmt::format("fail_on = {}\n", quoted(inventory.fail_on));
  if (inventory.timezone != "UTC") toml += fmt::format("timezone = {}\n", quoted(inventory.timezone));
  if (!inventory.resolvers.empty()) toml += fmt::format("resolvers = {}\n", list_of(inventory.resolvers));
  return toml.empty() ? toml : "[audit]\n" + toml + "\n";
}

std::string scope_table(const inventory::Inventory& inventory) {
  TransportPorts never = inventory.scope.never;
  for (const inventory::Entry& entry : inventory.entries) never.add(entry.settings->never);
  std::vector<std::string> texts;
  for (const Transport transport : {Transport::tcp, Transport::udp})
    if (const PortSet& ports = never.of(transport); !ports.empty())
      texts.push_back(fmt::format("{}/{}", name_of(transport), ports.format()));
  std::string toml = fmt::format("[scope]\nnever = {}\n", list_of(texts));
  std::vector<std::string> exclude;
  for (const inventory::Exclude& one : inventory.scope.exclude) {
    if (one.group.empty()) exclude.push_back(one.text);
    for (const AddressBlock& block : one.blocks)
      if (!one.group.empty()) exclude.push_back(format_block(block));
  }
  if (!exclude.empty()) toml += fmt::format("exclude = {}\n", list_of(exclude));
  std::vector<std::string> include;
  for (const AddressBlock& block : inventory.scope.include) include.push_back(format_block(block));
  if (!include.empty()) toml += fmt::format("include = {}\n", list_of(include));
  return toml + "\n";
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::uint32_t replacement = 0xfffd;  // TOML is UTF-8 and has no word for another byte
  std::string toml = "\"";
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const std::uint32_t code = point.length == 0 ? replacement : point.code;
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(point.length, 1));
    if (code == '"' || code == '\\')
      toml += fmt::format("\\{}", bytes);
    else if (point.length != 0 && is_printable(code))
      toml += bytes;
    else
      toml += code < 0x10000 ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
    text.remove_prefix(bytes.size());
  }
  return toml + '"';
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string toml;
  for (const std::string& text : texts) toml += (toml.empty() ? "" : ", ") + quoted(text);
  return "[" + toml + "]";
}

std::string baseline_head(const inventory::Inventory& inventory) {
  std::string toml = "schema = 1\n\n" + audit_table(inventory);
  const std::vector<std::string> limits = limits_unlike(inventory.limits, {});
  if (!limits.empty()) toml += fmt::format("[limits]\n{}\n\n", fmt::join(limits, "\n"));
  toml += scope_table(inventory);
  for (const inventory::Zone& zone : inventory.zones) {
    std::vector<std::string> networks;
    for (const AddressBlock& network : zone.networks) networks.push_back(format_block(network));
    toml += fmt::format("[zones.{}]\nnetworks = {}\n\n", quoted(zone.name), list_of(networks));
  }
  std::set<std::string> groups;
  for (const inventory::Entry& entry : inventory.entries)
    groups.insert(entry.settings->groups.begin(), entry.settings->groups.end());
  if (!groups.empty()) toml += "# Only their names: what they say stands at each target.\n";
  for (const std::string& group : groups) toml += fmt::format("[groups.{}]\n", quoted(group));
  return groups.empty() ? toml : toml + '\n';
}

std::string baseline_settings(const inventory::Settings& settings, const inventory::Inventory& inventory) {
  std::string toml;
  if (settings.safety != Safety::normal) toml += fmt::format("safety = {}\n", quoted(name_of(settings.safety)));
  inventory::Limits usual = inventory.limits;
  usual.rate = settings.limits.rate;
  usual.per_prefix_bounds_sweep = settings.limits.per_prefix_bounds_sweep;
  if (const std::vector<std::string> limits = limits_unlike(settings.limits, usual); !limits.empty())
    toml += fmt::format("limits = {{ {} }}\n", fmt::join(limits, ", "));
  if (!settings.tags.empty()) toml += fmt::format("tags = {}\n", list_of(settings.tags));
  if (!settings.owner.empty()) toml += fmt::format("owner = {}\n", quoted(settings.owner));
  if (!settings.criticality.empty()) toml += fmt::format("criticality = {}\n", quoted(settings.criticality));
  if (settings.first_address) toml += "resolve = \"first\"\n";
  if (settings.assume_up) toml += "assume_up = true\n";
  return toml;
}

}  // namespace audit::cli
