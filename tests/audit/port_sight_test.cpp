#include "audit/port_sight.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace audit;
using namespace audit::core;
using What = PortSight::What;

namespace {

/// Two hosts, whose ports look as they are told, and closed otherwise.
class Told final : public PortWitness {
 public:
  std::map<std::pair<std::uint16_t, std::string>, PortSight> sights;

  [[nodiscard]] Transport transport() const override { return Transport::tcp; }
  [[nodiscard]] const std::vector<IpAddress>& hosts() const override { return hosts_; }
  [[nodiscard]] PortSight look(const Endpoint& endpoint) const override {
    const auto found = sights.find({endpoint.port, format_address(endpoint.address)});
    PortSight closed;
    closed.what = What::closed;
    return found == sights.end() ? closed : found->second;
  }
  [[nodiscard]] Evidence port_evidence(const Endpoint& /*endpoint*/) const override { return {}; }
  [[nodiscard]] WallTime time() const override { return WallTime(std::chrono::seconds(7)); }

 private:
  std::vector<IpAddress> hosts_{*parse_address("10.0.0.1"), *parse_address("10.0.0.2")};
};

PortSight looks(What what, const char* why = "") {
  PortSight sight;
  sight.what = what;
  sight.why = Error(Reason::timeout, why);
  return sight;
}

std::int64_t field(const Evidence& evidence, const char* name) {
  const Value* value = evidence.observation->fields.find(name);
  return value == nullptr ? -1 : *value->get_if<std::int64_t>();
}

}  // namespace

TEST_CASE("every port of every host is counted once, and the first reason for silence and blindness is kept") {
  Told told;
  told.sights[{22, "10.0.0.1"}] = looks(What::open);
  told.sights[{22, "10.0.0.2"}] = looks(What::filtered);
  told.sights[{23, "10.0.0.1"}] = looks(What::silent, "first");
  told.sights[{23, "10.0.0.2"}] = looks(What::silent, "second");
  told.sights[{24, "10.0.0.2"}] = looks(What::blind, "unseen");
  const PortSet ports = *parse_ports("22-24");
  const PortCount count = count_ports(told, ports);
  REQUIRE(count.open.size() == 1);
  CHECK(format_endpoint(count.open[0]) == "tcp/10.0.0.1:22");
  CHECK(count.closed == 1);
  CHECK(count.filtered == 1);
  CHECK(count.silent == 2);
  CHECK(count.first_silent->message == "first");
  CHECK(count.blind == 1);
  const Evidence evidence = count_evidence(told, ports, count);
  CHECK(evidence.observation->endpoint == "tcp/22-24");
  CHECK(evidence.observation->reason == Reason::timeout);  // what was not seen goes before what was
  CHECK(field(evidence, "open") == 1);
  CHECK(field(evidence, "filtered") == 3);
  CHECK(field(evidence, "not_seen") == 1);
}

TEST_CASE("ports of which none is open are closed, or filtered where none said so") {
  Told told;
  const PortSet ports = *parse_ports("22");
  CHECK(count_evidence(told, ports, count_ports(told, ports)).observation->reason == Reason::closed);
  for (const char* host : {"10.0.0.1", "10.0.0.2"}) told.sights[{22, host}] = looks(What::filtered);
  CHECK(count_evidence(told, ports, count_ports(told, ports)).observation->reason == Reason::filtered);
  CHECK(field(count_evidence(told, ports, count_ports(told, ports)), "not_seen") == -1);
}
