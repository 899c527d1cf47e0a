#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <regex>
#include <sstream>

#include "base/utf8.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/net_map.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using Attributes = std::map<std::string, std::string>;

/// By id, the attributes of the nodes of a map, "graph" for the graph's own; each stands on a line of its own.
std::map<std::string, Attributes> nodes_of(const std::string& dot) {
  static const std::regex node(R"(^\s*(\w+) \[(.*)\];$)");
  static const std::regex attribute(R"re((\w+)=("(?:[^"\\]|\\.)*"|[^" ]+))re");
  std::map<std::string, Attributes> nodes;
  std::istringstream lines(dot);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, node) || (found[1] == "graph" && nodes.contains("graph"))) continue;
    const std::string list = found[2];
    Attributes& attributes = nodes[found[1]];
    for (std::sregex_iterator each(list.begin(), list.end(), attribute), end; each != end; ++each)
      attributes[(*each)[1]] = (*each)[2];
  }
  return nodes;
}

RunRecord record_of(std::size_t hosts) {
  RunRecord record;
  for (std::size_t i = 0; i < hosts; ++i) {
    TargetRecord target;
    target.ordinal = i;
    const std::string text = fmt::format("10.{}.{}.{}", i / 65'536, i / 256 % 256, i % 256);
    target.id = text;
    target.addresses = {*parse_address(text)};
    target.life = TargetLife::alive;
    target.ports = {{{target.addresses[0], 22, Transport::tcp}, Reason::open, ""}};
    add(record, check_of("a.rule", target.id, i % 10 == 0 ? Status::fail : Status::pass, Reason::observed, "m"));
    record.targets.push_back(std::move(target));
  }
  record.services = {{22, "ssh"}};
  return record;
}

std::uint64_t sum_of(const std::map<std::string, Attributes>& nodes, const std::string& name) {
  std::uint64_t sum = 0;
  for (const auto& [id, attributes] : nodes)
    if (id != "graph" && id != "node") sum += std::stoull(attributes.at(name));
  return sum;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("each host on the map has the counts of its checks and its waived failures") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    const auto nodes = nodes_of(written("dot", record));
    for (const TargetRecord& target : record.targets) {
      Tallied tally;
      for (const Check& check : record.checks)
        if (check.target == target.id) tally.count(check);
      const Attributes& attributes = nodes.at(fmt::format("t{}", target.ordinal));
      for (const Status status : all_statuses)
        CHECK(attributes.at(std::string(name_of(status))) == std::to_string(tally.of(status)));
      CHECK(attributes.at("failures") == std::to_string(tally.failures));
      CHECK(attributes.at("waived") == std::to_string(tally.waived));
    }
    for (const Status status : all_statuses) {
      const std::string name(name_of(status));
      CHECK(sum_of(nodes, name) == record.summary.of(status));
      CHECK(nodes.at("graph").at(name) == std::to_string(record.summary.of(status)));
    }
    CHECK(nodes.at("graph").at("planned") == std::to_string(record.summary.planned));
    CHECK(sum_of(nodes, "waived") == record.summary.waived);
  }
}

TEST_CASE("zones and subnets are clusters around their hosts, which show what is open") {
  RunRecord record = sample_record();
  record.targets[1].zone = "berlin";
  const std::string dot = written("dot", record);
  CHECK(has(dot, "label=\"zone berlin\""));
  CHECK(has(dot, "label=\"10.20.1.0/24\""));
  CHECK(has(dot, "label=\"2001:db8:20::/64\""));
  CHECK(has(dot, "label=\"without an address\""));
  CHECK(has(dot, "label=\"core-1.example.net\\n10.20.1.1\\n22/tcp ssh\\n443/tcp https\\n830/tcp NETCONF\\n"));
  CHECK(has(dot, "\\nsilent\\nno failure, 5 not judged\""));
}

TEST_CASE("more hosts than a page shows are drawn by subnet, and none is lost") {
  const RunRecord record = record_of(1000);
  const std::string dot = written("dot", record);
  const auto nodes = nodes_of(dot);
  CHECK(has(dot, "1000 targets are too many to be drawn one by one: a box is a subnet"));
  CHECK(sum_of(nodes, "targets") == 1000);
  CHECK(sum_of(nodes, "fail") == 100);
  CHECK(has(dot, "10.0.0.0/24\\n256 targets, 256 alive\\n256 × 22/tcp ssh\\n26 failures, worst info"));
}

TEST_CASE("more subnets than a page shows are left out, and the map says so") {
  RunRecord record = record_of(257);
  for (std::size_t i = 0; i < record.targets.size(); ++i)
    record.targets[i].addresses = {*parse_address(fmt::format("10.{}.{}.1", i / 256, i % 256))};
  CHECK_FALSE(has(written("dot", record), "Left out here"));
  const RunRecord many = record_of(600 * 256);
  const std::string dot = written("dot", many);
  CHECK(has(dot, "Left out here: 88 more subnets with 22528 targets"));
  const auto nodes = nodes_of(dot);
  CHECK(sum_of(nodes, "targets") == many.targets.size());
  CHECK(sum_of(nodes, "pass") == many.summary.of(Status::pass));
  CHECK(dot.size() < 500'000);
}

TEST_CASE("hostile bytes in every field become neither escapes nor attributes of the map") {
  for (const std::string& bytes :
       {hostile_bytes(), std::string("\"];} x [a=b"), std::string("\\N\\G\\l\\"), std::string(1 << 20, '\\')}) {
    const std::string dot = written("dot", hostile_record(bytes));
    CHECK(printable(dot));
    CHECK(dot.size() < 20'000);
    const auto nodes = nodes_of(dot);
    CHECK(nodes.size() == 3);  // graph, node and the only target
    CHECK(nodes.at("t0").at("services") == "1");
  }
}
