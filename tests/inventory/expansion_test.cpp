#include "inventory/expansion.hpp"

#include <fmt/format.h>

#include <map>
#include <random>
#include <set>

#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

std::string targets(const std::vector<std::string>& addresses) {
  std::string text;
  for (const std::string& address : addresses) text += fmt::format("[[targets]]\naddress = \"{}\"\n", address);
  return text;
}

/// What is asked, by entry text: every member that is no duplicate, once.
std::multimap<std::string, std::string> asked(const Inventory& inventory, std::uint64_t seed) {
  const Expansion expansion(inventory, seed);
  std::multimap<std::string, std::string> members;
  for (std::uint64_t i = 0; i < expansion.size(); ++i) {
    const Member member = expansion.at(i);
    if (!expansion.duplicate(member))
      members.emplace(member.address ? format_address(*member.address) : member.entry->name, member.entry->text);
  }
  return members;
}

using Asked = std::multimap<std::string, std::string>;

}  // namespace

TEST_CASE("every member comes exactly once, whatever the seed") {
  const Inventory inventory = loaded(targets({"10.0.0.0/30", "sw.example.net", "10.0.0.9", "2001:db8::/126"}));
  for (const std::uint64_t seed : {0U, 1U, 99U}) {
    CHECK(asked(inventory, seed) == Asked{{"10.0.0.1", "10.0.0.0/30"},
                                          {"10.0.0.2", "10.0.0.0/30"},
                                          {"sw.example.net", "sw.example.net"},
                                          {"10.0.0.9", "10.0.0.9"},
                                          {"2001:db8::", "2001:db8::/126"},
                                          {"2001:db8::1", "2001:db8::/126"},
                                          {"2001:db8::2", "2001:db8::/126"},
                                          {"2001:db8::3", "2001:db8::/126"}});
  }
}

TEST_CASE("ordinals follow the inventory's own order, whatever the seed") {
  const Inventory inventory = loaded(targets({"10.0.0.0/30", "sw.example.net", "10.0.0.9"}));
  const Expansion expansion(inventory, 7);
  REQUIRE(expansion.size() == 4);
  CHECK(format_address(*expansion.at_ordinal(1).address) == "10.0.0.2");
  CHECK(expansion.at_ordinal(2).entry->name == "sw.example.net");
  CHECK_FALSE(expansion.at_ordinal(2).address);
  CHECK(format_address(*expansion.at_ordinal(3).address) == "10.0.0.9");
  std::set<std::uint64_t> ordinals;
  for (std::uint64_t i = 0; i < 4; ++i) ordinals.insert(expansion.at(i).ordinal);
  CHECK(ordinals == std::set<std::uint64_t>{0, 1, 2, 3});
}

TEST_CASE("an address that a block covers and the inventory lists is the listed one, wherever it is listed") {
  const Asked both{{"10.0.0.1", "10.0.0.1"}, {"10.0.0.2", "10.0.0.0/30"}};
  CHECK(asked(loaded(targets({"10.0.0.0/30", "10.0.0.1"})), 3) == both);
  CHECK(asked(loaded(targets({"10.0.0.1", "10.0.0.0/30"})), 3) == both);
}

TEST_CASE("an address of two blocks belongs to the earlier") {
  CHECK(asked(loaded(targets({"10.0.0.2-3", "10.0.0.0-4", "10.0.0.3-5"})), 3) == Asked{{"10.0.0.2", "10.0.0.2-3"},
                                                                                       {"10.0.0.3", "10.0.0.2-3"},
                                                                                       {"10.0.0.0", "10.0.0.0-4"},
                                                                                       {"10.0.0.1", "10.0.0.0-4"},
                                                                                       {"10.0.0.4", "10.0.0.0-4"},
                                                                                       {"10.0.0.5", "10.0.0.3-5"}});
}

TEST_CASE("random inventories: each address that any entry covers is asked once, by the listed or earliest entry") {
  std::mt19937 random(20'261'120);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  for (int round = 0; round < 150; ++round) {
    std::vector<std::string> addresses;
    std::map<std::string, std::string> expected;  // by address, the text of the entry that asks it
    std::set<std::string> listed;
    const unsigned count = 1 + pick(12);
    for (unsigned i = 0; i < count; ++i) {
      std::string text;
      unsigned first = pick(256);
      unsigned last = first;
      switch (pick(3)) {
        case 0: text = fmt::format("10.0.0.{}", first); break;
        case 1: {
          const unsigned length = 24 + pick(9);
          const unsigned size = 1U << (32 - length);
          first -= first % size;
          text = fmt::format("10.0.0.{}/{}", first, length);
          last = first + size - 1;
          if (length < 31) ++first, --last;
          break;
        }
        default: last = first + pick(256 - first); text = fmt::format("10.0.0.{}-10.0.0.{}", first, last);
      }
      addresses.push_back(text);
      const bool single = text.find_first_of("-/") == std::string::npos;
      for (unsigned host = first; host <= last; ++host) {
        const std::string address = fmt::format("10.0.0.{}", host);
        if (single && listed.insert(address).second)
          expected[address] = text;
        else
          expected.emplace(address, text);
      }
    }
    const Asked actual = asked(loaded(targets(addresses)), static_cast<std::uint64_t>(round));
    // Identical blocks are merged, and a range may equal a CIDR: compare what is covered, and the text where it is
    // unique.
    CHECK(actual.size() == expected.size());
    for (const auto& [address, text] : expected) {
      REQUIRE(actual.count(address) == 1);
      INFO(fmt::format("{} of {}", address, fmt::join(addresses, " ")));
      CHECK(actual.find(address)->second == text);
    }
  }
}

TEST_CASE("excluded members tell which exclude took them out, by address or by name as written") {
  const Inventory inventory = loaded("scope.exclude = [\"10.0.0.2-3\", \"Lab-*\", \"2001:db8::/32\", \"10.0.0.3\"]\n" +
                                     targets({"10.0.0.0/29", "LAB-1.example.net", "sw.lab-1", "2001:db8::1"}));
  const Expansion expansion(inventory, 1);
  std::map<std::string, std::string> excluded;
  for (std::uint64_t i = 0; i < expansion.size(); ++i) {
    const Member member = expansion.at(i);
    if (member.excluded != nullptr)
      excluded[member.address ? format_address(*member.address) : member.entry->name] = member.excluded->text;
  }
  CHECK(excluded == std::map<std::string, std::string>{{"10.0.0.2", "10.0.0.2-3"},
                                                       {"10.0.0.3", "10.0.0.2-3"},
                                                       {"lab-1.example.net", "Lab-*"},
                                                       {"2001:db8::1", "2001:db8::/32"}});
}

TEST_CASE("an exclude of all IPv6 covers addresses with a zone, too") {
  const Inventory inventory = loaded("scope.exclude = [\"::/0\"]\n" + targets({"fe80::1%lo"}));
  CHECK(Expansion(inventory, 1).at(0).excluded != nullptr);
}

TEST_CASE("a /8 costs no memory: two hundred of them expand to three billion positions at once") {
  std::vector<std::string> blocks;
  for (int i = 1; i <= 200; ++i)
    if (i != 127) blocks.push_back(fmt::format("{}.0.0.0/8", i));
  const Inventory inventory = loaded(targets(blocks));
  const Expansion expansion(inventory, 42);
  CHECK(expansion.size() == 199 * ((std::uint64_t{1} << 24U) - 2));
  std::map<int, int> hits;
  for (std::uint64_t i = 0; i < 19'900; ++i) {
    const Member member = expansion.at(expansion.size() - 1 - i);
    CHECK_FALSE(expansion.duplicate(member));
    ++hits[member.address->bytes[0]];
  }
  CHECK(hits.size() == 199);  // a slice of the permutation is a sample of all
}

TEST_CASE("a hundred thousand listed addresses inside a /8 stay themselves") {
  std::string text = "[[targets]]\naddress = \"10.0.0.0/8\"\n";
  for (int i = 0; i < 100'000; ++i)
    text += fmt::format("[[targets]]\naddress = \"10.{}.{}.{}\"\n", 1 + (i >> 16), (i >> 8) & 255, i & 255);
  const Inventory inventory = loaded(text);
  const Expansion expansion(inventory, 1);
  const std::uint64_t candidates = (1U << 24U) - 2;
  REQUIRE(expansion.size() == candidates + 100'000);
  CHECK(inventory.notices.empty());                                         // all say the same
  CHECK(expansion.duplicate(expansion.at_ordinal((1U << 16U) - 1)));        // 10.1.0.0
  CHECK_FALSE(expansion.duplicate(expansion.at_ordinal((1U << 16U) - 2)));  // 10.0.255.255
  CHECK_FALSE(expansion.duplicate(expansion.at_ordinal(candidates)));
}
