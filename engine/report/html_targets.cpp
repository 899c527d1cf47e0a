#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/html_sections.hpp"
#include "report/matrix.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_targets = 2000;
constexpr std::size_t most_hosts = 500;
constexpr std::size_t most_columns = 40;
constexpr std::size_t columns_of_a_table = 14;  // as many as a printed page is wide
constexpr std::size_t most_ports = 60;
constexpr std::size_t most_words = 12;

std::string joined(const std::vector<std::string>& words) { return examples({words.begin(), words.end()}, most_words); }

bool was_asked(const TargetRecord& target) {
  return !target.ports.empty() || target.ports_closed + target.ports_filtered > 0;
}

/// "tcp/22", with its address where the target has several.
std::string port_of(const Endpoint& endpoint, const TargetRecord& target) {
  if (target.addresses.size() > 1) return format_endpoint(endpoint);
  return fmt::format("{}/{}", name_of(endpoint.transport), endpoint.port);
}

void write_ports(const TargetRecord& target, const RunRecord& record, Page& page) {
  std::size_t open = 0;
  for (const PortRecord& port : target.ports) {
    if (port.state != Reason::open || ++open > most_ports) continue;
    const auto service = record.services.find(port.endpoint.port);
    page << (open > 1 ? Markup(", ") : Markup("")) << ready(port_of(port.endpoint, target));
    if (port.endpoint.transport == Transport::tcp && service != record.services.end())
      page << " " << text(service->second, 60);
  }
  if (open > most_ports) page << " and " << number(open - most_ports) << " more";
  if (open == 0) page << (was_asked(target) ? Markup("none seen open") : Markup("none was asked"));
  page << "<br/><span class=\"facts\">" << number(target.ports_closed) << " closed, " << number(target.ports_filtered)
       << " filtered";
  if (target.ports_unasked > 0) page << ", <b>" << number(target.ports_unasked) << " not asked</b>";
  page << "</span>";
}

void write_target(const TargetRecord& target, const Standing& standing, const RunRecord& record, Page& page) {
  page << "<tr><th scope=\"row\">" << text(target.id, 200);
  std::string addresses;
  for (std::size_t i = 0; i < std::min(target.addresses.size(), most_words); ++i) {
    const std::string address = format_address(target.addresses[i]);
    if (address != target.id) addresses += (addresses.empty() ? "" : ", ") + address;
  }
  if (target.addresses.size() > most_words)
    addresses += fmt::format(" and {} more", target.addresses.size() - most_words);
  if (!addresses.empty()) page << "<br/><span class=\"facts\">" << ready(std::move(addresses)) << "</span>";
  if (!target.names.empty() && !(target.names.size() == 1 && target.names[0] == target.id))
    page << "<br/><span class=\"facts\">" << ready(joined(target.names)) << "</span>";
  page << "</th><td class=\"n\">";
  page << number(standing.failures);
  if (standing.failures > 0) {
    page << "<br/><span class=\"hidden\">failures, the worst </span>";
    write_severity(standing.worst, page);
  }
  page << "</td><td class=\"n\">" << number(standing.unjudged);
  page << "</td><td>" << text(name_of(target.life));
  if (!target.life_message.empty())
    page << "<br/><span class=\"facts\">" << text(target.life_message, 300) << "</span>";
  page << "</td><td>";
  write_ports(target, record, page);
  page << "</td><td>" << text(name_of(target.kind));
  if (!target.groups.empty()) page << "<br/><span class=\"facts\">groups " << ready(joined(target.groups)) << "</span>";
  if (!target.tags.empty()) page << "<br/><span class=\"facts\">tags " << ready(joined(target.tags)) << "</span>";
  if (!target.criticality.empty())
    page << "<br/><span class=\"facts\">criticality " << text(target.criticality, 100) << "</span>";
  if (!target.owner.empty()) page << "<br/><span class=\"facts\">owner " << text(target.owner, 100) << "</span>";
  if (!target.file.empty())
    page << "<br/><span class=\"facts\">" << text(fmt::format("{}:{}", target.file, target.line), 200) << "</span>";
  page << "</td></tr>\n";
}

Markup class_of(Cell cell) {
  switch (cell) {
    case Cell::open: return "open";
    case Cell::closed: return "closed";
    case Cell::filtered: return "filtered";
    case Cell::unlisted: return "unlisted";
    case Cell::unknown: return "unknown";
    case Cell::unasked: return "unasked";
  }
  return "unknown";
}

void write_header(const std::vector<Column>& columns, Page& page) {
  page << "<thead><tr><th scope=\"col\">Host</th>";
  for (const Column& column : columns) {
    page << "<th scope=\"col\">" << ready(column.title());
    if (!column.service.empty()) page << "<br/><span class=\"facts\">" << text(column.service, 24) << "</span>";
    page << "</th>";
  }
  page << "</tr></thead>\n";
}

void write_host(const Host& host, const std::vector<Column>& columns, Page& page) {
  page << "<tr><th scope=\"row\">" << ready(host.label());
  if (host.target->life != TargetLife::alive)
    page << "<br/><span class=\"facts\">" << text(name_of(host.target->life)) << "</span>";
  page << "</th>";
  for (const Cell cell : cells_of(host, columns))
    page << "<td class=\"" << class_of(cell) << "\">" << ready(std::string(word_of(cell))) << "</td>";
  page << "</tr>\n";
}

void write_matrix(const std::vector<Host>& hosts, const std::vector<Column>& columns, Page& page) {
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"Hosts and services, ports "
       << ready(columns.front().title()) << " to " << ready(columns.back().title())
       << "\" tabindex=\"0\"><table class=\"matrix\">\n";
  write_header(columns, page);
  page << "<tbody>\n";
  for (std::size_t i = 0; i < std::min(hosts.size(), most_hosts); ++i) write_host(hosts[i], columns, page);
  page << "</tbody></table></div>\n";
}

}  // namespace

void write_targets(const RunRecord& record, Page& page) {
  const auto known = standings(record);
  const auto standing_of = [&](const TargetRecord& target) {
    const auto found = known.find(target.id);
    return found == known.end() ? Standing{} : found->second;
  };
  page << "<section id=\"targets\">\n<h2>Targets</h2>\n";
  if (record.targets.empty()) {
    page << "<p>There was no target.</p>\n</section>\n";
    return;
  }
  std::vector<const TargetRecord*> order;
  for (const TargetRecord& target : record.targets) order.push_back(&target);
  if (order.size() > most_targets)
    std::stable_sort(order.begin(), order.end(), [&](const TargetRecord* a, const TargetRecord* b) {
      return standing_of(*a).failures > 0 && standing_of(*b).failures == 0;
    });
  page << "<div class=\"scroll\" role=\"region\" aria-label=\"Targets\" tabindex=\"0\"><table "
          "class=\"stack targets\">\n<thead>"
       << "<tr><th scope=\"col\">Target</th><th scope=\"col\" class=\"n\">Failures</th><th scope=\"col\" "
          "class=\"n\">Not judged</th><th scope=\"col\">Life</th>"
       << "<th scope=\"col\">Open ports</th><th scope=\"col\">Inventory</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(order.size(), most_targets); ++i) {
    write_target(*order[i], standing_of(*order[i]), record, page);
  }
  page << "</tbody></table></div>\n";
  if (order.size() > most_targets) write_left_out(order.size() - most_targets, "targets", page);
  page << "</section>\n";
}

void write_services(const RunRecord& record, Page& page) {
  const std::vector<Column> all = columns_of(record);
  const std::vector<Column> columns = worthiest(all, most_columns);
  const std::vector<Host> hosts = hosts_of(record, most_hosts);
  page << "<section id=\"services\">\n<h2>Hosts and services</h2>\n";
  if (hosts.empty() || columns.empty()) {
    page << "<p>No port was asked about.</p>\n</section>\n";
    return;
  }
  page << "<p class=\"legend\"><b>·</b> closed, filtered or not asked of this host; <b>?</b> could not be asked, or "
          "not all "
       << "of it; <b>–</b> nothing was asked of this host.</p>\n";
  for (std::size_t first = 0; first < columns.size(); first += columns_of_a_table) {
    const std::size_t end = std::min(first + columns_of_a_table, columns.size());
    write_matrix(
        hosts,
        {columns.begin() + static_cast<std::ptrdiff_t>(first), columns.begin() + static_cast<std::ptrdiff_t>(end)},
        page);
  }
  if (hosts.size() > most_hosts) write_left_out(hosts.size() - most_hosts, "hosts", page);
  write_left_out(all.size() - columns.size(), "ports", page);
  page << "</section>\n";
}

}  // namespace audit::report
