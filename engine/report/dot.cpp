#include "report/dot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "report/net_map.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_hosts = 256;
constexpr std::size_t most_subnets = 512;
constexpr std::size_t most_services = 10;
constexpr std::size_t longest_name = 60;
constexpr std::size_t longest_text = 160;

/// A DOT string of `visible` text: no escape of Graphviz (\N, \G) and no entity in it means anything; "\n" is ours.
std::string quoted(std::string_view text) {
  std::string quotes = "\"";
  for (const char c : text) {
    if (c == '\n')
      quotes += "\\n";
    else if (c == '&')
      quotes += "&amp;";
    else {
      if (c == '"' || c == '\\') quotes += '\\';
      quotes += c;
    }
  }
  return quotes + '"';
}

void put(std::ostream& out, std::string_view name, std::string_view text) { out << name << '=' << quoted(text) << ' '; }

void put_tally(std::ostream& out, const Tallied& tally) {
  for (const Status status : all_statuses) out << name_of(status) << '=' << tally.of(status) << ' ';
  out << "failures=" << tally.failures << " waived=" << tally.waived;
}

/// Red and amber for failures, grey for what was not judged; nothing is green, since no failure is not yet a pass.
std::string_view fill_of(const Tallied& tally) {
  if (tally.failures > tally.waived) return tally.worst >= Severity::high ? "#f4b6ae" : "#fbe0a6";
  return tally.blind() > 0 ? "#e0e0e0" : "#ffffff";
}

void put_look(std::ostream& out, const Tallied& tally, bool alive) {
  put(out, "fillcolor", fill_of(tally));
  put(out, "style", alive ? "filled,rounded" : "filled,rounded,dashed");
  put_tally(out, tally);
}

void put_host(std::ostream& out, std::string_view indent, const MappedHost& host, const RunRecord& record) {
  const TargetRecord& target = *host.target;
  const std::string name = shown(target.id, longest_name);
  std::string label = name;
  if (!target.addresses.empty())
    if (const std::string address = format_address(target.addresses.front()); address != target.id)
      label += '\n' + address;
  if (target.addresses.size() > 1) label += fmt::format("\n… {} more addresses", target.addresses.size() - 1);
  std::size_t services = 0;
  for (const PortRecord& port : target.ports)
    if (const std::string service = service_of(port, record); !service.empty() && ++services <= most_services)
      label += '\n' + shown(service, longest_name);
  if (services > most_services) label += fmt::format("\n… {} more open", services - most_services);
  if (target.life != TargetLife::alive) label += fmt::format("\n{}", name_of(target.life));
  label += '\n' + words_of(host.tally);
  out << indent << 't' << target.ordinal << " [";
  put(out, "label", label);
  put(out, "tooltip", fmt::format("{}: {}", name, shown(target.life_message, longest_text)));
  out << "services=" << services << ' ';
  put_look(out, host.tally, target.life == TargetLife::alive);
  out << "];\n";
}

/// "240 × 22/tcp ssh"
std::string services_of(const MappedSubnet& subnet, const RunRecord& record) {
  const std::vector<CommonService> common = common_services(subnet, record);
  std::string text;
  for (std::size_t i = 0; i < std::min(common.size(), most_services); ++i)
    text += fmt::format("\n{} × {}", common[i].hosts, shown(common[i].name, longest_name));
  if (common.size() > most_services) text += fmt::format("\n… {} more services", common.size() - most_services);
  return text;
}

void put_subnet(std::ostream& out, std::string_view indent, const MappedSubnet& subnet, std::size_t number,
                const RunRecord& record) {
  const Tallied tally = tally_of(subnet);
  const std::size_t alive = alive_in(subnet);
  out << indent << 'n' << number << " [";
  put(out, "label",
      fmt::format("{}\n{}, {} alive{}\n{}", title_of(subnet), counted(subnet.hosts.size(), "target"), alive,
                  services_of(subnet, record), words_of(tally)));
  out << "targets=" << subnet.hosts.size() << ' ';
  put_look(out, tally, alive > 0);
  out << "];\n";
}

/// A cluster with a label around what `write` puts.
template <class Write>
void put_cluster(std::ostream& out, const std::string& id, const std::string& label, Write write) {
  out << "subgraph " << quoted("cluster_" + id) << " {\n  graph [";
  put(out, "label", label);
  out << "];\n";
  write();
  out << "}\n";
}

/// Subnets as nodes: what is past `most_subnets` is left out, and told.
class Overview {
 public:
  Overview(const RunRecord& record, std::ostream& out) : record_(record), out_(out) {}

  void put_zone(const MappedZone& zone) {
    for (const MappedSubnet& subnet : zone.subnets) {
      if (drawn_ < most_subnets) {
        put_subnet(out_, "  ", subnet, drawn_++, record_);
        continue;
      }
      ++left_;
      for (const MappedHost& host : subnet.hosts) {
        ++targets_left_;
        tally_left_.add(host.tally);
      }
    }
  }
  void finish() {
    if (left_ == 0) return;
    out_ << "left_out [";
    put(out_, "label",
        fmt::format("Left out here: {} with {}\n{}", counted(left_, "more subnet"), counted(targets_left_, "target"),
                    words_of(tally_left_)));
    out_ << "targets=" << targets_left_ << ' ';
    put_look(out_, tally_left_, true);
    out_ << "];\n";
  }

 private:
  const RunRecord& record_;
  std::ostream& out_;
  std::size_t drawn_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t targets_left_ = 0;
  Tallied tally_left_;
};

void put_hosts(std::ostream& out, const MappedZone& zone, std::size_t& number, const RunRecord& record) {
  for (const MappedSubnet& subnet : zone.subnets)
    put_cluster(out, fmt::format("n{}", number++), title_of(subnet), [&] {
      for (const MappedHost& host : subnet.hosts) put_host(out, "  ", host, record);
    });
}

std::string title_of(const RunRecord& record, bool by_subnet) {
  const auto& inventory = record.inventory;
  std::string title = shown(inventory.name.empty() ? inventory.path : inventory.name, longest_text);
  title += '\n' + shown(record.run.id, longest_name) + ", " + format_utc(record.run.started);
  title += '\n' + verdict_of(record).headline;
  if (by_subnet)
    title += fmt::format("\n{} targets are too many to be drawn one by one: a box is a subnet", record.targets.size());
  if (const std::uint64_t away = record.summary.dark + record.summary.excluded; away > 0)
    title +=
        fmt::format("\nNot on the map: {} dark, {} excluded addresses", record.summary.dark, record.summary.excluded);
  return title +
         "\nRed: a failure, high or critical; amber: a lesser one; grey: not all was judged; dashed: no sign of life";
}

void put_graph(std::ostream& out, const RunRecord& record, bool by_subnet) {
  out << "  graph [layout=osage pack=24 fontname=\"Helvetica\" labelloc=t labeljust=l color=\"#888888\" ";
  put(out, "label", title_of(record, by_subnet));
  out << "planned=" << record.summary.planned << ' ';
  for (const Status status : all_statuses) out << name_of(status) << '=' << record.summary.of(status) << ' ';
  out << "waived=" << record.summary.waived << " targets=" << record.targets.size() << "];\n"
      << "  node [shape=box fontname=\"Helvetica\" fontsize=10 color=\"#555555\" margin=\"0.12,0.08\"];\n";
}

}  // namespace

void write_dot(const RunRecord& record, const Style&, std::ostream& out) {
  const NetMap map = map_of(record);
  const bool by_subnet = map.hosts > most_hosts;
  out << "graph audit {\n";
  put_graph(out, record, by_subnet);
  Overview overview(record, out);
  std::size_t zones = 0;
  std::size_t subnets = 0;
  for (const MappedZone& zone : map.zones) {
    const auto put_inside = [&] {
      if (by_subnet)
        overview.put_zone(zone);
      else
        put_hosts(out, zone, subnets, record);
    };
    if (zone.name.empty())
      put_inside();
    else
      put_cluster(out, fmt::format("z{}", zones++), "zone " + shown(zone.name, longest_name), put_inside);
  }
  overview.finish();
  out << "}\n";
}

}  // namespace audit::report
