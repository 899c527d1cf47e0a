#include "report/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_id = 60;
/// A rule that declares more ports than this sweeps a range; its closed ports are no columns.
constexpr std::uint32_t most_rule_ports = 16;

using PortKey = std::pair<Transport, std::uint16_t>;

void add_rule_ports(std::map<PortKey, Column>& columns, Transport transport, const PortSet& ports) {
  if (ports.size() > most_rule_ports) return;
  for (const std::uint16_t port : ports.list()) columns.try_emplace({transport, port});
}

Cell cell_of(Reason state) {
  switch (state) {
    case Reason::open: return Cell::open;
    case Reason::closed: return Cell::closed;
    case Reason::filtered: return Cell::filtered;
    default: return Cell::unknown;
  }
}

/// What a port without a row can be said to be.
Cell missing_cell(const TargetRecord& target) {
  if (target.ports_unasked > 0) return Cell::unknown;
  if (target.ports_closed + target.ports_filtered > 0 || !target.ports.empty()) return Cell::unlisted;
  return Cell::unasked;
}

std::uint64_t open_ports(const TargetRecord& target) {
  return static_cast<std::uint64_t>(std::count_if(target.ports.begin(), target.ports.end(),
                                                  [](const PortRecord& port) { return port.state == Reason::open; }));
}

/// The target's addresses, and any that only a port's row tells of.
std::vector<IpAddress> addresses_of(const TargetRecord& target) {
  std::vector<IpAddress> addresses = target.addresses;
  for (const PortRecord& port : target.ports)
    if (std::find(addresses.begin(), addresses.end(), port.endpoint.address) == addresses.end())
      addresses.push_back(port.endpoint.address);
  return addresses;
}

bool before(const Host& a, const Host& b) {
  const auto worth = [](const Host& host) {
    const int worst = host.standing.failures == 0 ? -1 : static_cast<int>(host.standing.worst);
    return std::tuple(worst, host.standing.failures, open_ports(*host.target) > 0);
  };
  return worth(a) > worth(b);
}

}  // namespace

std::string_view word_of(Cell cell) {
  constexpr std::array<std::string_view, 6> words{"open", "closed", "filtered", "·", "?", "–"};
  return words[static_cast<std::size_t>(cell)];
}

std::string Column::title() const {
  return transport == Transport::tcp ? fmt::format("{}", port) : fmt::format("udp/{}", port);
}

std::string Host::label() const {
  const std::string id = shown(target->id, longest_id);
  if (!address) return id;
  const std::string text = format_address(*address);
  return text == target->id ? id : fmt::format("{} ({})", id, text);
}

std::vector<Column> columns_of(const RunRecord& record) {
  std::map<PortKey, Column> found;
  for (const TargetRecord& target : record.targets)
    for (const PortRecord& port : target.ports)
      found[{port.endpoint.transport, port.endpoint.port}].open += port.state == Reason::open ? 1 : 0;
  for (const RuleRecord& rule : record.rules) {
    add_rule_ports(found, Transport::tcp, rule.ports.tcp);
    add_rule_ports(found, Transport::udp, rule.ports.udp);
  }
  std::vector<Column> columns;
  for (auto& [key, column] : found) {
    column.transport = key.first;
    column.port = key.second;
    const auto named = record.services.find(key.second);
    if (key.first == Transport::tcp && named != record.services.end()) column.service = named->second;
    columns.push_back(column);
  }
  return columns;
}

std::vector<std::size_t> by_worth(const std::vector<Column>& columns) {
  std::vector<std::size_t> order(columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return columns[a].open > columns[b].open; });
  return order;
}

std::vector<Column> worthiest(std::vector<Column> columns, std::size_t most) {
  std::vector<std::size_t> order = by_worth(columns);
  order.resize(std::min(order.size(), most));
  std::sort(order.begin(), order.end());
  std::vector<Column> kept;
  for (const std::size_t i : order) kept.push_back(columns[i]);
  return kept;
}

std::vector<Host> hosts_of(const RunRecord& record, std::size_t most) {
  const auto known = standings(record);
  std::vector<Host> hosts;
  for (const TargetRecord& target : record.targets) {
    const auto found = known.find(target.id);
    Host host{&target, std::nullopt, found == known.end() ? Standing{} : found->second};
    const std::vector<IpAddress> addresses = addresses_of(target);
    if (addresses.empty()) hosts.push_back(host);
    for (const IpAddress& address : addresses) {
      host.address = address;
      hosts.push_back(host);
    }
  }
  if (hosts.size() > most) std::stable_sort(hosts.begin(), hosts.end(), before);
  return hosts;
}

std::vector<Cell> cells_of(const Host& host, const std::vector<Column>& columns) {
  std::map<PortKey, Cell> known;
  for (const PortRecord& port : host.target->ports)
    if (host.address && port.endpoint.address == *host.address)
      known[{port.endpoint.transport, port.endpoint.port}] = cell_of(port.state);
  const Cell missing = missing_cell(*host.target);
  std::vector<Cell> cells;
  for (const Column& column : columns) {
    const auto found = known.find({column.transport, column.port});
    cells.push_back(found == known.end() ? missing : found->second);
  }
  return cells;
}

}  // namespace audit::report
