#include <fmt/format.h>

#include "inventory/expansion.hpp"
#include "inventory/limit.hpp"
#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

const std::string zones =
    "[zones.berlin]\nnetworks = [\"10.0.0.0/8\"]\n[zones.lab]\nnetworks = [\"10.1.0.0/16\", \"2001:db8::/32\"]\n";

/// "zone/address" of every member, as the inventory lists them; "-" where it is in none, a ! where it is excluded.
Lines members_of(const Inventory& inventory) {
  const Expansion expansion(inventory, 1);
  Lines lines;
  for (std::uint64_t i = 0; i < expansion.size(); ++i) {
    const Member member = expansion.at_ordinal(i);
    if (expansion.duplicate(member)) continue;
    lines.push_back(fmt::format("{}{}/{}", member.excluded != nullptr ? "!" : "",
                                member.zone == nullptr ? "-" : member.zone->name,
                                member.address ? format_address(*member.address) : member.entry->name));
  }
  return lines;
}

std::string targets(const std::vector<std::string>& addresses) {
  std::string text;
  for (const std::string& address : addresses) text += fmt::format("[[targets]]\naddress = \"{}\"\n", address);
  return text;
}

Lines limited(const std::string& text, const std::vector<std::string>& patterns) {
  Inventory inventory = loaded(text);
  const Lines mistakes = limit_to(inventory, patterns, false);
  return mistakes.empty() ? members_of(inventory) : mistakes;
}

}  // namespace

TEST_CASE("the most specific network around an address says its zone") {
  CHECK(members_of(
            loaded(zones + targets({"10.0.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1", "10.0.255.255-10.1.0.0"}))) ==
        Lines{"berlin/10.0.0.1", "lab/10.1.0.1", "-/192.0.2.1", "lab/2001:db8::1", "berlin/10.0.255.255",
              "lab/10.1.0.0"});
}

TEST_CASE("a name is in the zone that its target writes, and in none otherwise") {
  CHECK(members_of(loaded(zones + "[[targets]]\naddress = \"a.example.net\"\nzone = \"lab\"\n" +
                          targets({"b.example.net"}))) == Lines{"lab/a.example.net", "-/b.example.net"});
}

TEST_CASE("a zone that a target writes exists, and its addresses are in it") {
  const auto written = [](const std::string& address, const std::string& zone) {
    return mistakes_of(zones + "[[targets]]\naddress = \"" + address + "\"\nzone = \"" + zone + "\"\n");
  };
  CHECK(loaded(zones + "[[targets]]\naddress = \"10.1.0.0/24\"\nzone = \"lab\"\n").entries.size() == 1);
  CHECK(written("a.example.net", "lba") == Lines{"5:1: there is no zone \"lba\"; did you mean \"lab\"?"});
  CHECK(written("10.0.0.1", "lab") == Lines{"5:1: 10.0.0.1 says zone = \"lab\", and 10.0.0.1 is in a network of the "
                                            "zone \"berlin\""});
  CHECK(written("10.1.255.0-10.2.0.9", "lab") ==
        Lines{"5:1: 10.1.255.0-10.2.0.9 says zone = \"lab\", and 10.2.0.0-10.2.0.9 is in a network of the zone "
              "\"berlin\""});
  CHECK(written("192.0.2.1", "lab") ==
        Lines{"5:1: 192.0.2.1 says zone = \"lab\", and 192.0.2.1 is in no network of it"});
}

TEST_CASE("a network is of one zone, and a zone's name can stand in an id") {
  CHECK(mistakes_of(with_target("[zones.a]\nnetworks = [\"10.0.0.0/8\"]\n[zones.b]\nnetworks = [\"10.0.0.0/8\"]\n")) ==
        Lines{"4:13: \"10.0.0.0/8\" is a network of the zone \"a\" already; an address has one zone"});
  CHECK(
      mistakes_of(with_target("[zones.a]\nnetworks = [\"10.0.0.1-10.0.0.9\"]\n")) ==
      Lines{
          "2:13: \"10.0.0.1-10.0.0.9\" is a range; the networks of a zone are CIDRs, so that the most specific of two "
          "can be told"});
  CHECK(mistakes_of(with_target("[zones.\"a/b\"]\n")).at(0).find("is no name of a zone") != std::string::npos);
  CHECK(mistakes_of(with_target("[zones.a]\nnetwork = []\n")).at(0).find("did you mean \"networks\"?") !=
        std::string::npos);
}

TEST_CASE("a limit leaves the targets that it names: addresses, networks, names, groups, zones") {
  const std::string text = zones + "[groups.web]\n" + targets({"10.0.0.1", "10.1.0.0/29", "www.example.net"}) +
                           "[[targets]]\naddress = \"10.0.0.2\"\ngroups = [\"web\"]\n";
  CHECK(limited(text, {"10.0.0.1"}) == Lines{"berlin/10.0.0.1"});
  CHECK(limited(text, {"10.1.0.4/30"}) == Lines{"lab/10.1.0.4", "lab/10.1.0.5", "lab/10.1.0.6"});
  CHECK(limited(text, {"www.*", "group:web"}) == Lines{"-/www.example.net", "berlin/10.0.0.2"});
  CHECK(limited(text, {"berlin/*"}) == Lines{"berlin/10.0.0.1", "berlin/10.0.0.2"});
  CHECK(limited(text, {"lab/10.1.0.1"}) == Lines{"lab/10.1.0.1"});
}

TEST_CASE("a limit that matches no target is a mistake, and asks nobody") {
  const std::string text = zones + targets({"10.0.0.1"});
  CHECK(limited(text, {"10.0.0.2"}) ==
        Lines{"--limit: `10.0.0.2` matches no target of the inventory; --allow-empty lets it match none"});
  CHECK(limited(text, {"lab/10.0.0.1", "10.0.0.1"}).size() == 1);
  CHECK(limited(text, {"10.0.0.300"}) == Lines{"--limit: 10.0.0.300 is not an IPv4 address: 300 is above 255"});
  Inventory inventory = loaded(text);
  CHECK(limit_to(inventory, {"10.0.0.2"}, true).empty());
  CHECK(inventory.entries.empty());
}

TEST_CASE(
    "an address that is listed itself is not asked by a network's rules where the limit names the network alone") {
  const std::string text =
      "[groups.net]\n[[targets]]\naddress = \"10.0.0.0/30\"\ngroups = [\"net\"]\n" + targets({"10.0.0.1"});
  CHECK(limited(text, {"group:net"}) == Lines{"-/10.0.0.2"});
  CHECK(limited(text, {"10.0.0.1"}) == Lines{"-/10.0.0.1"});
  const std::string two =
      "[groups.a]\n[groups.b]\n[[targets]]\naddress = \"10.0.0.0/30\"\ngroups = [\"a\"]\n"
      "[[targets]]\naddress = \"10.0.0.0/29\"\ngroups = [\"b\"]\n";
  CHECK(limited(two, {"group:b"}) == Lines{"-/10.0.0.3", "-/10.0.0.4", "-/10.0.0.5", "-/10.0.0.6"});
}

TEST_CASE("an excluded group takes out its targets and those of the groups below it, and their addresses elsewhere") {
  const std::string text = "[scope]\nexclude = [\"group:lab\"]\n[groups.lab]\n[groups.bench]\nparents = [\"lab\"]\n" +
                           targets({"10.0.0.0/30", "b.example.net"}) +
                           "[[targets]]\naddress = \"10.0.0.2/31\"\ngroups = [\"bench\"]\n" +
                           "[[targets]]\naddress = \"a.example.net\"\ngroups = [\"lab\"]\n";
  CHECK(members_of(loaded(text)) ==
        Lines{"-/10.0.0.1", "!-/10.0.0.2", "-/b.example.net", "!-/10.0.0.3", "!-/a.example.net"});
  // A name that resolves there is refused by the same blocks.
  const Inventory inventory = loaded(text);
  REQUIRE(inventory.scope.exclude.at(0).blocks.size() == 1);
  CHECK(format_block(inventory.scope.exclude[0].blocks[0]) == "10.0.0.2/31");
  CHECK(mistakes_of(with_target("[scope]\nexclude = [\"group:lba\"]\n[groups.lab]\n")) ==
        Lines{"2:12: there is no group \"lba\"; did you mean \"lab\"?"});
}

TEST_CASE("a limit says how much of the inventory it leaves out, each address counted once") {
  const auto left_out = [](const std::string& text, const std::vector<std::string>& patterns) {
    Inventory inventory = loaded(text);
    CHECK(limit_to(inventory, patterns, true).empty());
    return inventory.left_out ? words_of(*inventory.left_out) : std::string();
  };
  const std::string three = targets({"10.0.0.1", "10.0.0.2", "a.example.net"});
  CHECK(left_out(three, {"10.0.0.1"}) == "2 of 3 targets were left out by --limit");
  CHECK(left_out(three, {"10.0.0.0/8"}) == "1 of 3 targets was left out by --limit");
  CHECK(left_out(three, {"*"}).empty());
  CHECK(left_out(three, {"10.9.9.9"}) == "3 of 3 targets were left out by --limit");
  // .1 is listed, and .5 and .6 are in both networks: 254 in all. The limit is .4 to .7.
  const std::string nested = targets({"10.0.0.1", "10.0.0.4/30", "10.0.0.0/24"});
  CHECK(left_out(nested, {"*"}).empty());
  CHECK(left_out(nested, {"10.0.0.4/30"}) == "250 of 254 targets and candidates were left out by --limit");
  CHECK(limited(nested, {"10.0.0.0/29"}).size() == 7);
}

TEST_CASE("a zone that is not there is told as such, with the one that may be meant") {
  const std::string hint = "there is no zone \"lba\", which lba/10.1.0.1 is to be in; did you mean \"lab\"?";
  CHECK(limited(zones + targets({"10.1.0.1"}), {"lba/10.1.0.1"}) == Lines{"--limit: " + hint});
  CHECK(limited(targets({"10.1.0.1"}), {"hall/*"}) ==
        Lines{"--limit: there is no zone \"hall\", which hall/* is to be in; add [zones.NAME]"});
  CHECK(mistakes_of(zones + "[scope]\nexclude = [\"lba/10.1.0.1\"]\n" + targets({"10.1.0.1"})) ==
        Lines{"6:12: " + hint});
  CHECK(limited(targets({"10.1.0.1"}), {"10.1.0.0/24"}) == Lines{"-/10.1.0.1"});
}

TEST_CASE("an exclude of a zone takes out what is in it, and nothing elsewhere") {
  const auto left = [](const std::string& exclude) {
    return members_of(loaded(zones + "[scope]\nexclude = [\"" + exclude +
                             "\"]\n[[targets]]\naddress = \"a.lan\"\nzone = "
                             "\"lab\"\n" +
                             targets({"b.lan", "10.0.255.255-10.1.0.0"})));
  };
  CHECK(left("lab/*") == Lines{"!lab/a.lan", "-/b.lan", "berlin/10.0.255.255", "!lab/10.1.0.0"});
  const Inventory inventory =
      loaded(zones + "[scope]\nexclude = [\"lab/*\"]\n[[targets]]\naddress = \"a.lan\"\nzone = \"lab\"\n");
  CHECK(inventory.scope.exclude.back().text == "lab/a.lan");
  CHECK(left("lab/a.lan")[0] == "!lab/a.lan");
  CHECK(left("lab/10.0.0.0/8") == Lines{"lab/a.lan", "-/b.lan", "berlin/10.0.255.255", "!lab/10.1.0.0"});
  CHECK(left("lab/?.lan") == Lines{"!lab/a.lan", "-/b.lan", "berlin/10.0.255.255", "lab/10.1.0.0"});
  CHECK(left("berlin/*") == Lines{"lab/a.lan", "-/b.lan", "!berlin/10.0.255.255", "lab/10.1.0.0"});
  CHECK(left("?.lan") == Lines{"!lab/a.lan", "!-/b.lan", "berlin/10.0.255.255", "lab/10.1.0.0"});
  CHECK(mistakes_of(zones + "[groups.g]\n[scope]\nexclude = [\"lab/group:g\"]\n" + targets({"10.1.0.1"})) ==
        Lines{"7:12: lab/group:g is a group, which is excluded in every zone; write \"group:g\", or \"lab/*\" for the "
              "zone"});
}
