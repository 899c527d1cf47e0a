#include <fmt/format.h>

#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;
using namespace std::chrono_literals;

namespace {

/// The settings of the one target that ends `text`.
Settings settings_of(const std::string& text) { return *loaded(text).entries.at(0).settings; }

std::string target(const std::string& keys) { return "\n[[targets]]\naddress = \"10.0.0.1\"\n" + keys + "\n"; }

}  // namespace

TEST_CASE("a group's value wins over its parent's, and the parent gives what the group leaves out") {
  const Settings settings = settings_of(R"(
[groups.base]
owner = "base"
safety = "connect"
limits = { per_target = 2, attempts = 7 }
[groups.child]
parents = ["base"]
owner = "child"
limits.attempts = 1
)" + target("groups = [\"child\"]"));
  CHECK(settings.owner == "child");
  CHECK(settings.safety == Safety::connect);
  CHECK(settings.limits.per_target == 2);
  CHECK(settings.limits.attempts == 1);
  CHECK(settings.limits.timeout == 2s);
}

TEST_CASE("a target's own value wins over those of its groups, even where these contradict") {
  const Settings settings = settings_of(R"(
[groups.a]
owner = "a"
[groups.b]
owner = "b"
)" + target("groups = [\"a\", \"b\"]\nowner = \"mine\"\nlimits.gap = \"5s\""));
  CHECK(settings.owner == "mine");
  CHECK(settings.limits.gap == 5s);
}

TEST_CASE("limits are merged key by key over [limits]") {
  const Settings settings = settings_of(R"(
[limits]
rate = 10
per_target = 3
timeout = "9s"
attempts = 9
[groups.a]
limits = { per_target = 1 }
)" + target("groups = [\"a\"]\nlimits = { attempts = 4 }"));
  CHECK(settings.limits.rate == 10);
  CHECK(settings.limits.per_target == 1);
  CHECK(settings.limits.timeout == 9s);
  CHECK(settings.limits.attempts == 4);
}

TEST_CASE("expected ports are merged key by key too") {
  const Settings settings = settings_of(R"(
[groups.base]
expect.tcp = { sweep = "1-1024", allow = [22] }
[groups.web]
parents = ["base"]
expect.tcp.allow = [80, 443]
)" + target("groups = [\"web\"]\nexpect.tcp.require = 443"));
  REQUIRE(settings.expect_tcp);
  CHECK(settings.expect_tcp->sweep.format() == "1-1024");
  CHECK(settings.expect_tcp->require.format() == "443");
  CHECK(settings.expect_tcp->permitted().format() == "80,443");
}

TEST_CASE("parameters are merged key by key: inventory, groups, target") {
  const Settings settings = settings_of(R"(
[params."tls.expiry"]
days = 1
names = ["a"]
[params."x.y"]
z = 1
[groups.a]
params."tls.expiry" = { days = 2, weeks = 2 }
)" + target("groups = [\"a\"]\nparams.\"tls.expiry\".weeks = 3"));
  CHECK(settings.params.at("tls.expiry").at("days") == Value(2));
  CHECK(settings.params.at("tls.expiry").at("weeks") == Value(3));
  CHECK(settings.params.at("tls.expiry").at("names") == Value(Value::Array{Value("a")}));
  CHECK(settings.params.at("x.y").at("z") == Value(1));
}

TEST_CASE("tags and never ports are united over groups, parents and the scope") {
  const Settings settings = settings_of(R"(
scope.never = ["tcp/1"]
[groups.p]
tags = ["p", "both"]
never = ["tcp/2"]
[groups.a]
parents = ["p"]
tags = ["a", "both"]
never = ["udp/3"]
[groups.b]
tags = ["b"]
)" + target("groups = [\"b\", \"a\"]\ntags = [\"own\"]"));
  CHECK(settings.tags == Lines{"a", "b", "both", "own", "p"});
  CHECK(settings.never.format() == "tcp/1-2 udp/3");
}

TEST_CASE("groups are given as listed, then their parents depth first, each once") {
  const Settings settings = settings_of(R"(
[groups.root]
[groups.l]
parents = ["root"]
[groups.r]
parents = ["root"]
[groups.a]
parents = ["l", "r"]
[groups.b]
parents = ["r"]
)" + target("groups = [\"b\", \"a\", \"b\"]"));
  CHECK(settings.groups == Lines{"b", "a", "r", "root", "l"});
}

TEST_CASE("two groups that set a key differently contradict each other; both places are named") {
  CHECK(mistakes_of(R"([groups.a]
safety = "connect"
[groups.b]
safety = "normal"
[[targets]]
address = "10.0.0.1"
groups = ["a", "b"]
)") == Lines{
           "5:1: the groups \"a\" and \"b\" set safety differently: \"connect\" at i:2:1, \"normal\" at i:4:1; set it "
           "here, or give one of the groups a higher priority"});
}

TEST_CASE("two parents of one group contradict each other, whether or not a target is in it; it is told once") {
  CHECK(mistakes_of(R"([groups.a]
limits.gap = "1s"
[groups.b]
limits.gap = "2s"
[groups.c]
parents = ["a", "b"]
[[targets]]
address = "10.0.0.1"
groups = ["c"]
)") == Lines{
           "6:1: the groups \"a\" and \"b\" set limits.gap differently: \"1s\" at i:2:8, \"2s\" at i:4:8; set it here, "
           "or give one of the groups a higher priority"});
}

TEST_CASE("groups that set a key to the same value agree, however they write it") {
  const Settings settings = settings_of(R"(
[groups.a]
limits.gap = "1s"
expect.tcp.sweep = [1, 2, 3]
[groups.b]
limits.gap = "1000ms"
expect.tcp.sweep = "1-3"
)" + target("groups = [\"a\", \"b\"]"));
  CHECK(settings.limits.gap == 1s);
  CHECK(settings.expect_tcp->sweep.format() == "1-3");
}

TEST_CASE("a whole number and a real one are two values of a parameter") {
  CHECK(mistakes_of("[groups.a]\nparams.\"r.s\".n = 1\n[groups.b]\nparams.\"r.s\".n = 1.0\n" +
                    target("groups = [\"a\", \"b\"]"))
            .size() == 1);
}

TEST_CASE("values that look alike when cut short or put in quotes are two values") {
  const std::string longish(200, 'x');
  const std::string both = target("groups = [\"a\", \"b\"]");
  CHECK(mistakes_of("[groups.a]\nowner = \"" + longish + "a\"\n[groups.b]\nowner = \"" + longish + "b\"\n" + both)
            .size() == 1);
  CHECK(mistakes_of("[groups.a]\nparams.\"r.s\".l = ['a\", \"b']\n[groups.b]\nparams.\"r.s\".l = ['a', 'b']\n" + both)
            .size() == 1);
}

TEST_CASE("of two groups that contradict each other the one of higher priority wins") {
  const Settings settings = settings_of(R"(
[groups.a]
owner = "a"
[groups.b]
owner = "b"
priority = 1
)" + target("groups = [\"a\", \"b\"]"));
  CHECK(settings.owner == "b");
}

TEST_CASE("a group's priority holds for what it inherits, too") {
  const Settings settings = settings_of(R"(
[groups.base]
owner = "base"
[groups.a]
parents = ["base"]
priority = 2
[groups.b]
owner = "b"
priority = 1
)" + target("groups = [\"b\", \"a\"]"));
  CHECK(settings.owner == "base");
}

TEST_CASE("equal priorities leave a contradiction one") {
  CHECK(mistakes_of("[groups.a]\nowner = \"a\"\npriority = 5\n[groups.b]\nowner = \"b\"\npriority = 5\n" +
                    target("groups = [\"a\", \"b\"]"))
            .size() == 1);
}

TEST_CASE("a group wins over its ancestor even where the target lists both, or comes to it another way") {
  const std::string groups = R"(
[groups.base]
owner = "base"
priority = 9
[groups.a]
parents = ["base"]
owner = "a"
[groups.b]
parents = ["base"]
)";
  CHECK(settings_of(groups + target("groups = [\"base\", \"a\"]")).owner == "a");
  CHECK(settings_of(groups + target("groups = [\"a\", \"base\"]")).owner == "a");
  CHECK(settings_of(groups + target("groups = [\"b\", \"a\"]")).owner == "a");
}

TEST_CASE("intrusive rules are allowed only where intrusive is written") {
  const Settings settings = settings_of("[groups.lab]\nsafety = \"intrusive\"\n" + target("groups = [\"lab\"]"));
  CHECK(settings.safety == Safety::intrusive);
  CHECK(settings.intrusive_allowed);
  CHECK_FALSE(settings_of("[groups.lab]\nsafety = \"intrusive\"\n" + target("groups = [\"lab\"]\nsafety = \"connect\""))
                  .intrusive_allowed);
}

TEST_CASE("an unknown group is a mistake with the nearest known one") {
  CHECK(
      mistakes_of("[groups.switches]\n[groups.routers]\nparents = [\"swiches\"]\n" + target("groups = [\"roters\"]")) ==
      Lines{"3:12: there is no group \"swiches\"; did you mean \"switches\"?",
            "7:11: there is no group \"roters\"; did you mean \"routers\"?"});
  CHECK(mistakes_of(target("groups = [\"a\"]")) == Lines{"4:11: there is no group \"a\"; add [groups.a]"});
}

TEST_CASE("groups that inherit in a circle are a mistake, one for each circle") {
  CHECK(mistakes_of("[groups.a]\nparents = [\"b\"]\n[groups.b]\nparents = [\"c\"]\n[groups.c]\nparents = [\"a\"]\n"
                    "[groups.d]\nparents = [\"d\"]\n" +
                    target("groups = [\"a\"]")) ==
        Lines{"6:1: groups inherit in a circle: \"a\" → \"b\" → \"c\" → \"a\"; take one of these parents out",
              "8:1: groups inherit in a circle: \"d\" → \"d\"; take one of these parents out"});
}

TEST_CASE("a chain of groups as long as the file is refused, not followed") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += fmt::format("[groups.g{}]\nparents = [\"g{}\"]\n", i, i + 1);
  text += "[groups.g20000]\n" + target("groups = [\"g0\"]");
  const Lines mistakes = mistakes_of(text);
  REQUIRE(mistakes.size() == 50);
  CHECK(mistakes[0].find("groups inherit through more than 32 levels here") != std::string::npos);
}

TEST_CASE("targets that say the same share one object, others do not") {
  const Inventory inventory = loaded(R"(
[groups.a]
[groups.b]
[[targets]]
address = "10.0.0.1"
groups = ["a"]
[[targets]]
address = "10.0.0.2"
groups = ["a"]
[[targets]]
address = "10.0.0.3"
groups = ["b"]
[[targets]]
address = "10.0.0.4"
groups = ["a"]
owner = "x"
[[targets]]
address = "10.0.0.5"
owner = "x"
groups = ["a"]
)");
  CHECK(inventory.entries[0].settings == inventory.entries[1].settings);
  CHECK(inventory.entries[0].settings != inventory.entries[2].settings);
  CHECK(inventory.entries[0].settings != inventory.entries[3].settings);
  CHECK(inventory.entries[3].settings == inventory.entries[4].settings);
}

TEST_CASE("ports to sweep are united, of groups, their parents and the target") {
  const Settings settings = settings_of(R"(
[groups.base]
ports = [22]
[groups.child]
parents = ["base"]
ports = ["8000-8010"]
[groups.other]
ports = 443
)" + target("groups = [\"child\", \"other\"]\nports = [\"8005-8020\"]"));
  CHECK(settings.ports.format() == "22,443,8000-8020");
}

TEST_CASE("criticality is the target's, else the group's, else the parent's") {
  const std::string groups = R"(
[groups.base]
criticality = "low"
[groups.child]
parents = ["base"]
criticality = "high"
)";
  CHECK(settings_of(groups + target("groups = [\"base\"]")).criticality == "low");
  CHECK(settings_of(groups + target("groups = [\"child\"]")).criticality == "high");
  CHECK(settings_of(groups + target("groups = [\"child\"]\ncriticality = \"critical\"")).criticality == "critical");
  CHECK(settings_of(groups + target("")).criticality.empty());
  CHECK(
      mistakes_of(target("criticality = \"hihg\"")) ==
      Lines{"4:15: criticality has to be \"critical\", \"high\", \"medium\" or \"low\"; this is \"hihg\"; did you mean "
            "\"high\"?"});
}

TEST_CASE("siblings that set criticality differently are a mistake, unless one has a priority") {
  const std::string groups = "[groups.a]\ncriticality = \"low\"\n[groups.b]\ncriticality = \"high\"\n";
  CHECK(mistakes_of(groups + target("groups = [\"a\", \"b\"]")).size() == 1);
  CHECK(settings_of(groups + "priority = 1\n" + target("groups = [\"a\", \"b\"]")).criticality == "high");
}

TEST_CASE("a target's resolve wins over its group's, and all addresses of a name are asked otherwise") {
  const std::string group = "[groups.a]\nresolve = \"first\"\n";
  CHECK_FALSE(settings_of(target("")).first_address);
  CHECK(settings_of(group + target("groups = [\"a\"]")).first_address);
  CHECK_FALSE(settings_of(group + target("groups = [\"a\"]\nresolve = \"all\"")).first_address);
}

TEST_CASE("URLs of one host are one target with the ports of all of them") {
  const Inventory inventory = loaded(R"(
[[targets]]
address = "https://www.example.net/shop"
[[targets]]
address = "https://www.example.net:8443/"
ports = [9000]
)");
  REQUIRE(inventory.entries.size() == 1);
  CHECK(inventory.entries[0].name == "www.example.net");
  CHECK(inventory.entries[0].settings->ports.format() == "443,8443,9000");
  CHECK(inventory.entries[0].settings->urls ==
        std::vector<std::string>{"https://www.example.net/shop", "https://www.example.net:8443/"});
  CHECK(inventory.notices.size() == 1);
}

TEST_CASE("an octet range is several blocks of one entry's settings") {
  const Inventory inventory = loaded("[[targets]]\naddress = \"10.0.0-2.1-9\"\nowner = \"x\"\n");
  REQUIRE(inventory.entries.size() == 3);
  for (const Entry& entry : inventory.entries) {
    CHECK(entry.settings == inventory.entries[0].settings);
    CHECK(entry.text == "10.0.0-2.1-9");
    CHECK(entry.more.empty());
  }
  CHECK(format_block(inventory.entries[2].block) == "10.0.2.1-10.0.2.9");
}
