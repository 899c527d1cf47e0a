#include "inventory/guard_index.hpp"

#include <fmt/format.h>

#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

std::string told(const Guard& guard) {
  return fmt::format("{} {} {}", guard.never.format(), name_of(guard.safety), format_duration(guard.gap));
}

std::string at(const std::string& text, const char* address) {
  return told(loaded("schema = 1\n" + text).guards->at(*parse_address(address)));
}

std::string target(const std::string& address, const std::string& group = {}) {
  return fmt::format("[[targets]]\naddress = \"{}\"\n{}", address,
                     group.empty() ? std::string() : fmt::format("groups = [\"{}\"]\n", group));
}

const std::string free_of_all = told(Guard());
const std::string plc = "[groups.plc]\nsafety = \"connect\"\nnever = [\"tcp/502\"]\nlimits = { gap = \"2s\" }\n";
const std::string lab = "[groups.lab]\nsafety = \"intrusive\"\n";

}  // namespace

TEST_CASE("the strictest of all entries of an address guards it") {
  const std::string nested = plc + "[groups.line]\nnever = [\"udp/161\"]\nlimits = { gap = \"5s\" }\n" +
                             target("10.0.0.0/24", "plc") + target("10.0.0.8/29", "line") + target("10.0.0.9");
  CHECK(at(nested, "10.0.0.1") == "tcp/502,9100-9107 connect 2s");
  CHECK(at(nested, "10.0.0.9") == "tcp/502,9100-9107 udp/161 connect 5s");
  CHECK(at(nested, "10.0.1.9") == free_of_all);
}

TEST_CASE("defaults guard nothing, and those of a network give way to what is listed within it") {
  CHECK(at("[limits]\ngap = \"1s\"\n" + target("10.0.0.0/24") + target("10.0.0.1"), "10.0.0.1") == free_of_all);
  const std::string quick = "[limits]\ngap = \"1s\"\n[groups.quick]\nlimits = { gap = \"0s\" }\n" + lab +
                            target("10.0.0.0/24") + target("10.0.0.1", "quick") + target("10.0.0.2", "lab");
  CHECK(at(quick, "10.0.0.1") == "none normal 0s");  // no default of the network's, and no leave that the lab has
  CHECK(at(quick, "10.0.0.2") == "none intrusive 1s");
}

TEST_CASE("what a listed address does not allow is not allowed there by another name") {
  const Inventory inventory =
      loaded("schema = 1\n" + lab + target("10.0.0.1") + target("a.example", "lab") + target("b.example"));
  CHECK(inventory.guards->at(*parse_address("10.0.0.1")).safety == Safety::normal);
  REQUIRE(inventory.guards->names().size() == 1);
  CHECK(inventory.guards->names()[0].name == "b.example");
  CHECK(inventory.guards->names()[0].guard.safety == Safety::normal);
}

TEST_CASE("names are told that guard their addresses or are excluded with a group, and no others") {
  const Inventory inventory =
      loaded("schema = 1\n[scope]\nexclude = [\"group:out\", \"lab-*\"]\n[groups.out]\n" + plc +
             target("a.example", "plc") + target("b.example") + target("c.example", "out") + target("lab-1.example"));
  const auto& names = inventory.guards->names();
  REQUIRE(names.size() == 2);
  CHECK(names[0].name + names[0].excluded_by == "a.example");
  CHECK(told(names[0].guard) == "tcp/502,9100-9107 connect 2s");
  CHECK(names[1].name + " " + names[1].excluded_by == "c.example group:out");
}

TEST_CASE("a guard makes settings stricter and nothing else") {
  Settings settings;
  Guard guard;
  CHECK_FALSE(guard.binds(settings));
  guard.safety = Safety::connect;
  guard.gap = std::chrono::seconds(1);
  guard.never = *parse_transport_ports("tcp/502");
  CHECK(guard.binds(settings));
  guard.bind(settings);
  CHECK(settings.safety == Safety::connect);
  CHECK(settings.limits.gap == std::chrono::seconds(1));
  CHECK(settings.never.format() == "tcp/502");
  CHECK_FALSE(guard.binds(settings));
  Guard milder;
  milder.gap = std::chrono::milliseconds(1);
  CHECK_FALSE(milder.binds(settings));
}
