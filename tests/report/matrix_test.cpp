#include "report/matrix.hpp"

#include <catch2/catch.hpp>

#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

TargetRecord host(const std::string& id, const std::string& address) {
  TargetRecord target;
  target.id = id;
  target.life = TargetLife::alive;
  target.addresses = {*parse_address(address)};
  return target;
}

void add_port(TargetRecord& target, std::uint16_t port, Reason state, Transport transport = Transport::tcp) {
  target.ports.push_back({{target.addresses.back(), port, transport}, state, ""});
}

std::vector<std::string> titles(const std::vector<Column>& columns) {
  std::vector<std::string> list;
  for (const Column& column : columns) list.push_back(column.title());
  return list;
}

}  // namespace

TEST_CASE("columns are the ports with a row and those that rules name, not the ranges that rules sweep") {
  RunRecord record;
  record.targets = {host("10.0.0.1", "10.0.0.1")};
  add_port(record.targets[0], 8443, Reason::open);
  add_port(record.targets[0], 161, Reason::open, Transport::udp);
  record.rules.resize(2);
  record.rules[0].ports = *parse_transport_ports("23");
  record.rules[1].ports = *parse_transport_ports("1-1024");
  record.services = {{23, "telnet"}, {161, "snmp"}};
  const auto columns = columns_of(record);
  CHECK(titles(columns) == std::vector<std::string>{"23", "8443", "udp/161"});
  CHECK(columns[0].service == "telnet");
  CHECK(columns[2].service.empty());
  CHECK(titles(worthiest(columns, 2)) == std::vector<std::string>{"8443", "udp/161"});
}

TEST_CASE("a port without a row is never called closed") {
  RunRecord record;
  record.rules.resize(1);
  record.rules[0].ports = *parse_transport_ports("22,23,24,25");
  record.targets = {host("10.0.0.1", "10.0.0.1")};
  TargetRecord& target = record.targets[0];
  const auto cells = [&] { return cells_of(hosts_of(record, 10)[0], columns_of(record)); };
  CHECK(cells() == std::vector<Cell>(4, Cell::unasked));
  add_port(target, 22, Reason::open);
  add_port(target, 23, Reason::filtered);
  add_port(target, 24, Reason::local_fault);
  target.ports_closed = 1;
  CHECK(cells() == std::vector<Cell>{Cell::open, Cell::filtered, Cell::unknown, Cell::unlisted});
  target.ports_unasked = 1;
  CHECK(cells().back() == Cell::unknown);
}

TEST_CASE("each address of a target is a host of its own") {
  RunRecord record;
  record.targets = {host("www.example.net", "10.0.0.1"), host("gone.example.net", "10.0.0.2")};
  record.targets[0].addresses.push_back(*parse_address("2001:db8::1"));
  add_port(record.targets[0], 443, Reason::open);
  record.targets[1].addresses.clear();
  record.targets[1].life = TargetLife::unresolved;
  const auto hosts = hosts_of(record, 10);
  REQUIRE(hosts.size() == 3);
  CHECK(hosts[0].label() == "www.example.net (10.0.0.1)");
  CHECK(cells_of(hosts[0], columns_of(record)) == std::vector<Cell>{Cell::unlisted});
  CHECK(hosts[1].label() == "www.example.net (2001:db8::1)");
  CHECK(cells_of(hosts[1], columns_of(record)) == std::vector<Cell>{Cell::open});
  CHECK(hosts[2].label() == "gone.example.net");
  CHECK(cells_of(hosts[2], columns_of(record)) == std::vector<Cell>{Cell::unasked});
}

TEST_CASE("where hosts are too many, those with failures come first") {
  RunRecord record;
  for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) record.targets.push_back(host(address, address));
  add_port(record.targets[1], 80, Reason::open);
  Check failed = check_of("a.rule", "10.0.0.3", Status::fail, Reason::observed, "no");
  failed.results[0].severity = Severity::high;
  add(record, failed);
  const auto order = [&](std::size_t most) {
    std::string text;
    for (const Host& row : hosts_of(record, most)) text += row.target->id.back();
    return text;
  };
  CHECK(order(3) == "123");
  CHECK(order(2) == "321");
}
