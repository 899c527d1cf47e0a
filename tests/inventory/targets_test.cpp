#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

TEST_CASE("two entries for one target are read as one, with a notice") {
  const Inventory inventory = loaded(R"([groups.a]
tags = ["x"]
[groups.b]
[[targets]]
address = "10.0.0.1"
groups = ["b"]
tags = ["two"]
[[targets]]
address = "::ffff:10.0.0.1"
groups = ["a", "b"]
tags = ["one"]
owner = "netops"
[[targets]]
address = "Sw.example.net"
[[targets]]
address = "sw.EXAMPLE.net."
[[targets]]
address = "10.1.0.0/24"
[[targets]]
address = "10.1.0.0/24"
owner = "x"
)");
  REQUIRE(inventory.entries.size() == 3);
  const Settings& settings = *inventory.entries[0].settings;
  CHECK(settings.groups == Lines{"b", "a"});
  CHECK(settings.tags == Lines{"one", "two", "x"});
  CHECK(settings.owner == "netops");
  CHECK(inventory.entries[0].place.line == 4);
  CHECK(inventory.entries[2].settings->owner == "x");
  CHECK(inventory.notices ==
        Lines{"inv.toml:8:1: ::ffff:10.0.0.1 is a target already (inv.toml:4:1); the two entries are read as one",
              "inv.toml:15:1: sw.EXAMPLE.net. is a target already (inv.toml:13:1); the two entries are read as one",
              "inv.toml:19:1: 10.1.0.0/24 is a target already (inv.toml:17:1); the two entries are read as one"});
}

TEST_CASE("two entries for one target must not contradict each other") {
  CHECK(mistakes_of(R"([[targets]]
address = "10.0.0.1"
owner = "a"
safety = "connect"
limits = { gap = "1s" }
[[targets]]
address = "10.0.0.1"
owner = "b"
safety = "connect"
limits = { gap = "2s", attempts = 1 }
)") == Lines{"8:1: 10.0.0.1 is listed twice and owner set differently: \"a\" at i:3:1, \"b\" here; keep one of them",
             "10:12: 10.0.0.1 is listed twice and limits.gap set differently: \"1s\" at i:5:12, \"2s\" here; keep one "
             "of them"});
}

TEST_CASE("blocks that overlap are noticed, since the earlier one says what holds") {
  const Inventory inventory = loaded(R"([[targets]]
address = "10.0.1.0/24"
[[targets]]
address = "10.0.0.0/16"
[[targets]]
address = "10.9.0.0/16"
)");
  CHECK(inventory.notices ==
        Lines{"inv.toml:3:1: 10.0.0.0/16 overlaps 10.0.1.0/24 (inv.toml:1:1); an address of both is "
              "asked once, as the earlier entry says, and the stricter `never`, `safety` and `gap` hold"});
}

TEST_CASE("a listed address inside a block of other settings is noticed, one of the same is not") {
  const Inventory inventory = loaded(R"([groups.a]
[[targets]]
address = "10.0.0.0/24"
groups = ["a"]
[[targets]]
address = "10.0.0.7"
owner = "x"
[[targets]]
address = "10.0.0.8"
groups = ["a"]
[[targets]]
address = "10.0.0.9"
)");
  CHECK(
      inventory.notices ==
      Lines{
          "inv.toml:2:1: 10.0.0.7 (inv.toml:5:1) and 1 other are listed by themselves: of them "
          "holds what their own entries say, not what 10.0.0.0/24 says, but for stricter `never`, `safety` and `gap`"});
}

TEST_CASE("notices are bounded too") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "[[targets]]\naddress = \"10.0.0.1\"\n";
  const Inventory inventory = loaded(text);
  CHECK(inventory.entries.size() == 1);
  REQUIRE(inventory.notices.size() == 51);
  CHECK(inventory.notices.back() == "and 149 more notices");
}

TEST_CASE("a mistake in the repeated entry of a target is told once") {
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.0.1\"\nowner = 1\n").size() ==
        1);
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.x1\"\n[[targets]]\naddress = \"10.0.0.256\"\nowner = 1\n") ==
        Lines{"4:11: 10.0.0.256 is not an IPv4 address: 256 is above 255",
              "5:9: owner has to be text in quotes, such as \"netops\"; this is a whole number"});
}
