#include "cli/baseline_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "audit/baseline.hpp"
#include "base/text.hpp"
#include "cli/baseline_fold.hpp"
#include "cli/baseline_head.hpp"

namespace audit::cli {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string note_of(const Finding& finding, std::string_view label) {
  for (const Evidence& evidence : finding.evidence)
    if (evidence.label == label && !evidence.observation)
      if (const auto* text = evidence.note.get_if<std::string>()) return *text;
  return {};
}

bool is_unseen(const Finding& finding) {
  return finding.status == Status::error || finding.status == Status::not_reviewed;
}

/// "tcp/10.0.0.1:22" to 22; what audit wrote itself.
std::uint16_t port_of(const std::string& endpoint) {
  const auto parsed =
      parse_socket(endpoint.substr(std::min(endpoint.find('/') + 1, endpoint.size())), Transport::tcp, 0);
  return parsed ? parsed->port : std::uint16_t{0};
}

/// One target's table in the making.
class TargetToml {
 public:
  /// `whole`: the inventory whose other settings of the target are written too, or none.
  TargetToml(const core::TargetMessage& message, const inventory::Inventory* whole, BaselineText& out)
      : message_(message), whole_(whole), out_(out) {}

  void write() {
    const TargetRecord& record = message_.record;
    if (record.life == TargetLife::silent || record.life == TargetLife::unresolved) {
      out_.complete = false;
      comment(fmt::format("{} was not seen: {}", record.id, why_not()));
      out_.toml += '\n';
      return;
    }
    const inventory::Entry& entry = *message_.member.entry;
    const std::optional<IpAddress>& address = message_.member.address;
    out_.toml += fmt::format("[[targets]]\naddress = {}\n", quoted(address ? format_address(*address) : entry.name));
    if (!address && !record.zone.empty()) out_.toml += fmt::format("zone = {}\n", quoted(record.zone));
    if (!record.groups.empty()) out_.toml += fmt::format("groups = {}\n", list_of(record.groups));
    if (whole_ != nullptr) out_.toml += baseline_settings(*entry.settings, *whole_);
    write_ports(core::baseline_tcp, "tcp", message_.member.entry->settings->expect_tcp.get());
    write_ports(core::baseline_udp, "udp", message_.member.entry->settings->expect_udp.get());
    write_services();
    write_names();
    out_.toml += '\n';
  }

 private:
  void comment(const std::string& text) { out_.toml += fmt::format("# {}\n", visible(text, 300)); }

  [[nodiscard]] const Check* check(std::string_view rule) const {
    for (const Check& one : message_.checks)
      if (one.rule == rule) return &one;
    return nullptr;
  }

  [[nodiscard]] std::string why_not() const {
    for (const Check& one : message_.checks)
      if (is_unseen(one.foremost())) return one.foremost().message;
    return message_.record.life_message;
  }

  void write_ports(std::string_view rule, std::string_view transport, const inventory::ExpectedPorts* looked) {
    const Check* ports = check(rule);
    if (ports == nullptr || looked == nullptr) return;
    std::map<std::uint16_t, std::size_t> open;
    PortSet filtered;
    PortSet unseen;
    std::string why;
    for (const Finding& finding : ports->results) {
      const std::uint16_t port = port_of(finding.endpoint);
      if (is_unseen(finding)) {
        if (port > 0) unseen.add(port, port);
        why = finding.message;
      } else if (finding.reason == Reason::open) {
        ++open[port];
      } else if (finding.reason == Reason::filtered) {
        filtered.add(port, port);
      }
    }
    PortSet sweep = looked->sweep;
    sweep.remove(message_.member.entry->settings->never.of(transport == "tcp" ? Transport::tcp : Transport::udp));
    sweep.remove(unseen);
    PortSet require;
    PortSet allow;  // open on some of its addresses
    for (const auto& [port, times] : open)
      (times == message_.record.addresses.size() ? require : allow).add(port, port);
    if (transport == "tcp") open_ = require;
    if (!filtered.empty()) comment(fmt::format("{}/{} filtered", transport, filtered.format()));
    if (!allow.empty()) comment(fmt::format("{}/{} open on some of its addresses", transport, allow.format()));
    if (!why.empty()) {
      out_.complete = false;
      comment(fmt::format("{}/{} not seen, and nothing is expected there: {}", transport, unseen.format(), why));
    }
    if (sweep.empty()) return;
    out_.toml += fmt::format("expect.{} = {{ sweep = {}", transport, quoted(sweep.format()));
    if (!require.empty()) out_.toml += fmt::format(", require = {}", quoted(require.format()));
    if (!allow.empty()) out_.toml += fmt::format(", allow = {}", quoted(allow.format()));
    out_.toml += " }\n";
  }

  /// A port that answers differently on two addresses of a name is expected to answer in none of these ways.
  void write_services() {
    const Check* services = check(core::baseline_service);
    if (services == nullptr) {
      comment("its safety is \"connect\": nobody spoke with it, so what answers, and over UDP, is not looked at");
      return;
    }
    std::map<std::uint16_t, std::set<std::string>> spoken;
    std::map<std::uint16_t, std::set<std::string>> certificates;
    std::map<std::uint16_t, std::set<std::string>> host_keys;
    std::set<std::uint16_t> unsure;
    std::set<std::uint16_t> troubled;  // not all of it was seen
    for (const Finding& finding : services->results) {
      const std::uint16_t port = port_of(finding.endpoint);
      if (!open_.contains(port)) continue;  // told above, if it is anything to tell
      if (is_unseen(finding)) {
        out_.complete = false;
        unsure.insert(port);
        comment(fmt::format("{}: what answers was not seen: {}", finding.endpoint, finding.message));
        continue;
      }
      if (const std::string service = note_of(finding, "service"); !service.empty()) {
        spoken[port].insert(service);
      } else {
        unsure.insert(port);
        comment(fmt::format("{} is {}", finding.endpoint, note_of(finding, "other")));
      }
      if (const std::string print = note_of(finding, "certificate"); !print.empty()) {
        certificates[port].insert(print);
        comment(fmt::format("{}: certificate of {}", finding.endpoint, note_of(finding, "subject")));
      }
      for (std::string& key : words_of(note_of(finding, "host_keys"))) host_keys[port].insert(std::move(key));
      if (const std::string problem = note_of(finding, "problem"); !problem.empty()) {
        out_.complete = false;
        troubled.insert(port);
        comment(fmt::format("{}: {}", finding.endpoint, problem));
      }
    }
    for (const std::uint16_t port : troubled) {
      certificates.erase(port);
      host_keys.erase(port);
    }
    write_list("services", spoken, [&](std::uint16_t port, const std::set<std::string>& names) {
      const bool sure = names.size() == 1 && !unsure.contains(port);
      return sure ? fmt::format("{{ port = {}, service = {} }}", port, quoted(*names.begin())) : std::string();
    });
    write_list("certificates", certificates, [](std::uint16_t port, const std::set<std::string>& prints) {
      return each(prints, [&](const std::string& print) {
        return fmt::format("{{ port = {}, fingerprint = \"sha256:{}\" }}", port, print);
      });
    });
    write_list("ssh_host_keys", host_keys, [](std::uint16_t port, const std::set<std::string>& keys) {
      return each(keys, [&](const std::string& key) {
        return port == 22 ? quoted(key) : fmt::format("{{ port = {}, fingerprint = {} }}", port, quoted(key));
      });
    });
  }

  template <class Format>
  static std::string each(const std::set<std::string>& texts, Format format) {
    std::string items;
    for (const std::string& text : texts) items += (items.empty() ? "" : ",\n  ") + format(text);
    return items;
  }

  template <class Format>
  void write_list(std::string_view key, const std::map<std::uint16_t, std::set<std::string>>& by_port, Format format) {
    std::string items;
    for (const auto& [port, texts] : by_port) {
      const std::string item = format(port, texts);
      if (!item.empty()) items += fmt::format("  {},\n", item);
    }
    if (!items.empty()) out_.toml += fmt::format("expect.{} = [\n{}]\n", key, items);
  }

  void write_names() {
    if (message_.member.entry->kind == inventory::Entry::Kind::name) {
      std::vector<std::string> addresses;
      for (const IpAddress& address : message_.record.addresses) addresses.push_back(format_address(address));
      for (const IpAddress& address : message_.excluded_addresses) addresses.push_back(format_address(address));
      std::sort(addresses.begin(), addresses.end());
      out_.toml += fmt::format("expect.addresses = {}\n", list_of(addresses));
    }
    const Check* names = check(core::baseline_names);
    if (names == nullptr) return;
    if (is_unseen(names->foremost())) {
      out_.complete = false;
      comment("its reverse names were not seen: " + names->foremost().message);
      return;
    }
    const std::vector<std::string> seen = words_of(note_of(names->foremost(), "names"));
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    const bool good = std::all_of(seen.begin(), seen.end(), [&](const std::string& name) {
      return name.size() < 256 && name.find_first_not_of(plain) == std::string::npos;
    });
    if (good)
      out_.toml += fmt::format("expect.names = {}\n", list_of(seen));
    else
      comment("its reverse record says what is no name: " + note_of(names->foremost(), "names"));
  }

  const core::TargetMessage& message_;
  const inventory::Inventory* whole_;
  BaselineText& out_;
  PortSet open_;  // TCP, on every address
};

}  // namespace

BaselineText write_baseline(const BaselineSeen& seen, bool fragment) {
  BaselineText out;
  out.toml = fmt::format("# {}\n# Look through it before you commit it: it expects what was there, right or wrong.\n",
                         visible(seen.written));
  if (seen.dark > 0) out.toml += fmt::format("# {} gave no sign of life.\n", counted(seen.dark, "candidate"));
  if (seen.unasked > 0) {
    out.toml += fmt::format("# {} not asked: the run was stopped.\n",
                            counted(seen.unasked, "candidate was", "candidates were"));
    out.complete = false;
  }
  out.toml += '\n';
  if (!fragment) out.toml += baseline_head(seen.inventory);
  const inventory::Inventory* whole = fragment ? nullptr : &seen.inventory;
  std::vector<std::string> targets;
  for (const core::TargetMessage& message : seen.messages) {
    BaselineText one;
    TargetToml(message, whole, one).write();
    targets.push_back(std::move(one.toml));
    out.complete = out.complete && one.complete;
  }
  if (!fragment) {  // within another inventory a group could contradict that one's
    std::vector<std::string> groups;
    for (const inventory::GroupRecord& group : seen.inventory.groups) groups.push_back(group.name);
    out.toml += fold_targets(targets, groups);
  }
  for (const std::string& target : targets) out.toml += target;
  if (seen.messages.empty()) out.complete = false;
  return out;
}

}  // namespace audit::cli
