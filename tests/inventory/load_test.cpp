#include <algorithm>

#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view campus = R"(schema = 1
[audit]
name   = "Campus management plane"
select = "exposure or ssh or tls"
require_coverage = 0.9
fail_on = "high"
resolvers = ["192.0.2.53", "127.0.0.1:5353", "[2001:DB8::53]:53", "2001:db8::53"]
[limits]
rate = 5_000
per_target = 4
per_prefix = 16
gap = "10ms"
timeout = "3s"
attempts = 2
[identity]
contact = "netsec@example.net"
user_agent = "campus audit"
[scope]
include = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "192.0.2.4-192.0.2.9"]
exclude = ["10.20.9.0/24", "Lab-*", "10.20.8.1", "old.example.net."]
[services]
830 = "NETCONF"
8291 = "Winbox"
[groups.switches]
tags = ["network-device"]
expect.tcp = { sweep = "1-1024", require = [22], allow = [22, { port = 830, why = "CHG-112" }, "8000-8010"] }
[groups.plc]
safety = "connect"
limits = { per_target = 1, gap = "1s" }
never = ["tcp/102", "tcp/502"]
[params."tls.expiry"]
days = 30
[[targets]]
address = "10.20.1.0/24"
groups = ["switches"]
owner = "netops"
[[targets]]
address = "PLC-1.Example.net."
groups = ["plc"]
)";

}  // namespace

TEST_CASE("an inventory reads into the model, each key where it belongs") {
  const Inventory inventory = loaded(campus);
  CHECK(inventory.path == "inv.toml");
  CHECK(inventory.sha256.size() == 64);
  CHECK(inventory.name == "Campus management plane");
  CHECK(inventory.select == "exposure or ssh or tls");
  CHECK(inventory.select_place.line == 4);
  CHECK(inventory.select_place.column == 10);
  CHECK(inventory.require_coverage == 0.9);
  CHECK(inventory.fail_on == "high");
  CHECK(inventory.resolvers == Lines{"192.0.2.53", "127.0.0.1:5353", "[2001:db8::53]:53", "2001:db8::53"});
  CHECK(inventory.contact == "netsec@example.net");
  CHECK(inventory.user_agent == "campus audit");
  CHECK(inventory.limits.rate == 5'000);
  CHECK(inventory.limits.per_target == 4);
  CHECK(inventory.limits.per_prefix == 16);
  CHECK(inventory.limits.per_prefix_bounds_sweep);
  CHECK(inventory.limits.gap == 10ms);
  CHECK(inventory.limits.timeout == 3s);
  CHECK(inventory.limits.attempts == 2);
  CHECK(inventory.services.at(830) == "NETCONF");
  CHECK(inventory.services.at(8291) == "Winbox");
  CHECK(inventory.notices.empty());
}

TEST_CASE("the scope keeps its blocks whole and its excludes with their places") {
  const Scope scope = loaded(campus).scope;
  REQUIRE(scope.include.size() == 4);
  CHECK(format_block(scope.include[0]) == "10.0.0.0/8");
  CHECK(format_block(scope.include[1]) == "2001:db8::/32");
  CHECK(scope.include[3].size() == 6);
  REQUIRE(scope.exclude.size() == 4);
  CHECK(format_block(scope.exclude[0].blocks.at(0)) == "10.20.9.0/24");
  CHECK(scope.exclude[0].text == "10.20.9.0/24");
  CHECK(scope.exclude[0].place.line == 20);
  CHECK(scope.exclude[0].place.column == 12);
  CHECK(scope.exclude[1].name_glob == "lab-*");
  CHECK(scope.exclude[1].blocks.empty());
  CHECK(scope.exclude[2].blocks.size() == 1);
  CHECK(scope.exclude[3].name_glob == "old.example.net");
}

TEST_CASE("a target carries what its groups and itself say") {
  const Inventory inventory = loaded(campus);
  REQUIRE(inventory.entries.size() == 2);
  const Entry& block = inventory.entries[0];
  CHECK(block.kind == Entry::Kind::block);
  CHECK(block.text == "10.20.1.0/24");
  CHECK(format_block(block.block) == "10.20.1.1-10.20.1.254");
  CHECK(block.place.line == 33);
  CHECK(block.place.column == 1);
  CHECK(block.settings->owner == "netops");
  CHECK(block.settings->tags == Lines{"network-device"});
  CHECK(block.settings->groups == Lines{"switches"});
  CHECK(block.settings->safety == Safety::normal);
  CHECK(block.settings->never.format() == "tcp/9100-9107");

  const Entry& name = inventory.entries[1];
  CHECK(name.kind == Entry::Kind::name);
  CHECK(name.text == "PLC-1.Example.net.");
  CHECK(name.name == "plc-1.example.net");
  CHECK(name.settings->safety == Safety::connect);
  CHECK(name.settings->limits.per_target == 1);
  CHECK(name.settings->limits.gap == 1s);
  CHECK(name.settings->limits.timeout == 3s);
  CHECK(name.settings->never.format() == "tcp/102,502,9100-9107");
  CHECK(name.settings->expect_tcp == nullptr);
}

TEST_CASE("expected ports keep the reason and the place of each that is allowed") {
  const Inventory inventory = loaded(campus);
  const auto expected = inventory.entries[0].settings->expect_tcp;
  REQUIRE(expected);
  CHECK(expected->sweep.format() == "1-1024");
  CHECK(expected->require.format() == "22");
  CHECK(expected->place.line == 26);
  CHECK(expected->place.column == 8);
  REQUIRE(expected->allow.size() == 3);
  CHECK(expected->allow[1].ports == PortSet::Range{830, 830});
  CHECK(expected->allow[1].why == "CHG-112");
  CHECK(expected->allow[1].place.line == 26);
  CHECK(expected->allow[1].place.column == 63);
  CHECK(expected->permitted().format() == "22,830,8000-8010");
}

TEST_CASE("what is not written has its default") {
  const Inventory inventory = loaded("[[targets]]\naddress = \"10.0.0.1\"\n");
  CHECK(inventory.require_coverage == 1.0);
  CHECK(inventory.fail_on == "low");
  CHECK(inventory.limits.rate == 5'000);
  CHECK(inventory.scope.never.format() == "tcp/9100-9107");
  const Settings& settings = *inventory.entries[0].settings;
  CHECK(settings.safety == Safety::normal);
  CHECK_FALSE(settings.intrusive_allowed);
  CHECK_FALSE(settings.assume_up);
  CHECK(settings.limits.timeout == 2s);
  CHECK(settings.never.format() == "tcp/9100-9107");
  CHECK(inventory.limits.per_prefix == 128);
  CHECK_FALSE(inventory.limits.per_prefix_bounds_sweep);
}

TEST_CASE("a never that is written takes the place of the default, an empty one too") {
  CHECK(loaded(with_target("scope.never = [\"udp/161\"]")).entries[0].settings->never.format() == "udp/161");
  CHECK(loaded(with_target("scope.never = []")).entries[0].settings->never.empty());
}

TEST_CASE("parameters keep their types and tell where each stands") {
  const Inventory inventory = loaded(
      with_target("[params.\"a.b\"]\nwhole = 3\nreal = 1.5\ntruth = true\ntext = \"x\"\nlist = [1, \"two\", false]"));
  const Value::Object& params = inventory.entries[0].settings->params.at("a.b");
  CHECK(params.at("whole") == Value(3));
  CHECK(params.at("real") == Value(1.5));
  CHECK(params.at("truth") == Value(true));
  CHECK(params.at("text") == Value("x"));
  CHECK(params.at("list") == Value(Value::Array{Value(1), Value("two"), Value(false)}));
  REQUIRE(inventory.params.size() == 5);
  const auto real = std::find_if(inventory.params.begin(), inventory.params.end(),
                                 [](const ParamPlace& param) { return param.key == "real"; });
  REQUIRE(real != inventory.params.end());
  CHECK(real->rule == "a.b");
  CHECK(real->place.line == 3);
  CHECK(real->place.column == 1);
}

TEST_CASE("ports are written as numbers, ranges or lists of both") {
  const auto sweep = [](const std::string& ports) {
    return loaded("[[targets]]\naddress = \"10.0.0.1\"\nexpect.tcp.sweep = " + ports)
        .entries[0]
        .settings->expect_tcp->sweep.format();
  };
  CHECK(sweep("22") == "22");
  CHECK(sweep("\"1-1024\"") == "1-1024");
  CHECK(sweep("[443, \"20-25\", \"80,8080\"]") == "20-25,80,443,8080");
  CHECK(sweep("[]") == "none");
}

TEST_CASE("a byte order mark is no part of the first key") {
  CHECK(loaded("\xef\xbb\xbf[[targets]]\naddress = \"10.0.0.1\"\n").entries.size() == 1);
}

TEST_CASE("allow without a sweep, and a required port that is never asked, are noticed once") {
  const Inventory inventory = loaded(
      "[groups.g]\nexpect.tcp = { require = 502, allow = 22 }\nnever = [\"tcp/502\"]\n"
      "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"g\"]\n[[targets]]\naddress = \"10.0.0.2\"\ngroups = "
      "[\"g\"]\ntags = [\"t\"]\n");
  REQUIRE(inventory.notices.size() == 3);  // the second target has settings of its own
  CHECK(inventory.notices[0] ==
        "inv.toml:2:8: allow without a sweep: nobody looks for other ports; say where to look, "
        "such as sweep = \"1-1024\"");
  CHECK(inventory.notices[1] ==
        "inv.toml:2:8: tcp/502 is required, but among the never ports of 10.0.0.1, so it is not "
        "looked at");
}

TEST_CASE("an inventory says who allowed the audit, and which plans it belongs to") {
  const Inventory inventory =
      loaded(with_target("[audit]\nauthorised_by = \"j.doe, CISO\"\nssp = \"ssp.json\"\nassessment_plan = "
                         "\"https://grc.example.net/ap\""));
  CHECK(inventory.authorised_by == "j.doe, CISO");
  CHECK(inventory.ssp == "ssp.json");
  CHECK(inventory.assessment_plan == "https://grc.example.net/ap");
}

TEST_CASE("targets of the command line need no file") {
  const Loaded result = from_targets({"10.0.0.1,10.0.1.0/24", "web.example.net", "10.0.0.9-12"});
  REQUIRE(result.inventory);
  const Inventory& inventory = *result.inventory;
  CHECK(inventory.path.empty());
  CHECK(inventory.sha256.empty());
  CHECK(inventory.scope.never.format() == "tcp/9100-9107");
  REQUIRE(inventory.entries.size() == 4);
  CHECK(inventory.entries[2].name == "web.example.net");
  CHECK(inventory.entries[3].block.size() == 4);
  CHECK(inventory.entries[0].settings == inventory.entries[3].settings);
  CHECK(inventory.entries[0].settings->never.format() == "tcp/9100-9107");
}

TEST_CASE("mistakes of the command line name --target") {
  const auto texts = [](const std::vector<std::string>& targets) {
    const Loaded result = from_targets(targets);
    CHECK_FALSE(result.inventory);
    Lines lines;
    for (const Mistake& mistake : result.mistakes) lines.push_back(mistake.text());
    return lines;
  };
  CHECK(texts({"10.0.0.1/24"}) ==
        Lines{"--target: 10.0.0.1/24 has host bits set; write 10.0.0.0/24 for the network or 10.0.0.1 for the host"});
  CHECK(texts({"10.0.0.1,,10.0.0.300"}) ==
        Lines{"--target: there is no address here; write an address, CIDR, range or name",
              "--target: 10.0.0.300 is not an IPv4 address: 300 is above 255"});
  CHECK(texts({}) == Lines{"--target: there are no targets; name addresses, CIDRs, ranges or names after --target"});
}
