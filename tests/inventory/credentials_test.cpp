#include "loading.hpp"

using namespace audit::inventory;
using namespace audit;

namespace {

const std::string one_place =
    "a credential has one of env = \"VARIABLE\", file = \"/path\" and command = [\"program\", \"argument\"]: it says "
    "where "
    "the secret is";

}  // namespace

TEST_CASE("a credential is named, with where it is found and whom it is for") {
  const Inventory inventory = loaded(with_target(R"([groups.portals]
[credentials.a]
env = "WEB_LOGIN"
groups = ["portals"]
[credentials.b]
file = "secrets/web"
[credentials.c]
command = ["pass", "show", "a b"]
timeout = "30s"
targets = ["10.0.0.0/24", "10.1.0.1-10.1.0.9", "SW1.lan", "core-*"]
endpoints = ["udp/161", "tcp/22", "tcp/8000-8100"]
cleartext = true
unverified = true)"));
  REQUIRE(inventory.credentials.size() == 3);
  REQUIRE(inventory.notices.size() == 1);
  CHECK_THAT(inventory.notices[0],
             Catch::Contains("credential `c` goes to whoever answers") && Catch::Contains("unverified = true"));
  const CredentialSource& env = inventory.credentials[0];
  const CredentialSource& file = inventory.credentials[1];
  const CredentialSource& command = inventory.credentials[2];
  CHECK(env.env == "WEB_LOGIN");
  CHECK(env.grant.groups == Lines{"portals"});
  CHECK_FALSE(env.grant.cleartext);
  CHECK(file.file == "secrets/web");
  CHECK(file.place.file == "inv.toml");
  CHECK_FALSE(env.grant.unverified);
  CHECK(command.grant.unverified);
  CHECK(file.grant.for_all());
  CHECK(file.timeout == std::chrono::seconds(10));
  CHECK(command.command == Lines{"pass", "show", "a b"});
  CHECK(command.timeout == std::chrono::seconds(30));
  REQUIRE(command.grant.hosts.size() == 2);
  CHECK(command.grant.hosts[0].contains(*parse_address("10.0.0.255")));
  CHECK(command.grant.names == Lines{"sw1.lan", "core-*"});
  CHECK(command.grant.endpoints.format() == "tcp/22,8000-8100 udp/161");
  CHECK(command.grant.cleartext);
}

TEST_CASE("a credential that says nowhere, or two places, is a mistake") {
  CHECK(mistakes_of(with_target("[credentials.web]")) == Lines{"1:14: " + one_place});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\nfile = \"b\"")) == Lines{"1:14: " + one_place});
  CHECK(mistakes_of(with_target("[credentials.web]\nfile = \"b\"\ncommand = [\"c\"]")) == Lines{"1:14: " + one_place});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"lab:pass word\"")) ==
        Lines{"2:7: env names an environment variable (letters, digits, _); the secret itself is not written here"});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\ngroups = [\"nobody\"]")).size() == 1);
}

TEST_CASE("the secret itself is refused in an inventory, and the message does not repeat it") {
  for (const char* key : {"password", "community", "secret", "token", "snmp_community", "API-Key", "pass"}) {
    INFO(key);
    const Lines here =
        mistakes_of(with_target("[credentials.web]\nenv = \"A\"\n" + std::string(key) + " = \"s3cr3t!\""));
    REQUIRE(here.size() == 1);
    CHECK_THAT(here[0], Catch::Contains("3:1: ") && Catch::Contains("a secret is not written into an inventory"));
    CHECK_THAT(here[0], !Catch::Contains("s3cr3t"));
    const Lines there = mistakes_of(with_target("[params.\"a.b\"]\n" + std::string(key) + " = \"s3cr3t!\""));
    REQUIRE(there.size() == 1);
    CHECK_THAT(there[0], Catch::Contains("2:1: ") && Catch::Contains("name it in [credentials.NAME]"));
    CHECK_THAT(there[0], !Catch::Contains("s3cr3t"));
  }
  CHECK(mistakes_of(with_target("[groups.g]\nparams.\"a.b\" = { communities = [\"public\"] }")).size() == 1);
  CHECK_FALSE(loaded(with_target("[params.\"a.b\"]\npassword_length = 12\npassword = true\ncredential = \"snmp\""))
                  .params.empty());
}

TEST_CASE("a command is a list, since no shell takes it apart") {
  CHECK_THAT(mistakes_of(with_target("[credentials.web]\ncommand = \"pass show x\""))[0],
             Catch::Contains("2:11: command is a list"));
  CHECK_THAT(mistakes_of(with_target("[credentials.web]\ncommand = []"))[0],
             Catch::Contains("2:11: command names no program"));
  CHECK_THAT(mistakes_of(with_target("[credentials.web]\ncommand = [\"a\"]\ntimeout = \"10m\""))[0],
             Catch::Contains("3:11"));
  CHECK_THAT(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\ntimeout = \"1s\""))[0],
             Catch::Contains("3:1: timeout is how long the command may take"));
}

TEST_CASE("a group among a credential's targets is that group, and never everybody") {
  const Inventory inventory =
      loaded(with_target("[groups.portals]\n[credentials.a]\nenv = \"X\"\ntargets = [\"group:portals\"]"));
  CHECK(inventory.credentials.at(0).grant.groups == Lines{"portals"});
  CHECK_FALSE(inventory.credentials.at(0).grant.for_all());
  CHECK(mistakes_of(with_target("[groups.portals]\n[credentials.a]\nenv = \"X\"\ntargets = [\"group:portal\"]")) ==
        Lines{"4:12: there is no group \"portal\"; did you mean \"portals\"?"});
}

TEST_CASE("whom a credential is for is checked as targets are, and a list of nobody is not everybody") {
  const auto complaint = [](const std::string& line) {
    const Lines lines = mistakes_of(with_target("[credentials.web]\nenv = \"A\"\n" + line));
    return lines.size() == 1 ? lines[0] : "none, or several";
  };
  CHECK_THAT(complaint("targets = [\"10.0.0.300\"]"), Catch::Contains("3:12: 10.0.0.300"));
  CHECK_THAT(complaint("targets = [\"10.20.*\"]"), Catch::Contains("write 10.20.0.0/16"));
  CHECK_THAT(complaint("endpoints = [\"sctp/9\"]"), Catch::Contains("3:14: \"sctp/9\" is no endpoint"));
  CHECK_THAT(complaint("endpoints = [\"161\"]"),
             Catch::Contains("3:14: 161 says no transport") && Catch::Contains("write \"tcp/161\" or \"udp/161\""));
  for (const char* key : {"groups", "targets", "endpoints"})
    CHECK_THAT(complaint(std::string(key) + " = []"), Catch::Contains("is empty; name whom the credential is for"));
  CHECK_THAT(complaint("cleartext = \"yes\""), Catch::Contains("true or false"));
}
