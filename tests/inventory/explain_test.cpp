#include "inventory/explain.hpp"

#include <fmt/format.h>

#include "inventory/mistakes.hpp"
#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

Inventory traced(std::string_view text) {
  Loaded result = load_text(text, "i", {.origins = true});
  for (const Mistake& mistake : result.mistakes) UNSCOPED_INFO(mistake.text());
  REQUIRE(result.inventory);
  return *std::move(result.inventory);
}

/// "value from place; value from place", the first of them the one that holds.
std::string origins_of(const Membership& membership, std::string_view key) {
  for (const Setting& setting : explain(membership)) {
    if (setting.key != key) continue;
    if (setting.origins.empty()) return setting.value + " default";
    std::string text;
    for (const Origin& origin : setting.origins)
      text += fmt::format("{}{} {}{}", text.empty() ? "" : "; ", origin.value, origin.from,
                          origin.place.line == 0 ? "" : " " + format_place(origin.place));
    return text;
  }
  return "no such key";
}

Membership member(const Inventory& inventory, std::string_view target) {
  const auto found = find_target(inventory, target);
  if (const auto* complaint = std::get_if<Complaint>(&found)) FAIL(complaint->text);
  return std::get<Membership>(found);
}

std::string complaint(const Inventory& inventory, std::string_view target) {
  const auto found = find_target(inventory, target);
  return std::holds_alternative<Complaint>(found) ? std::get<Complaint>(found).text : "found";
}

}  // namespace

TEST_CASE("each value is traced to where it is written, and to what it overrides") {
  const Inventory inventory = traced(R"([limits]
timeout = "9s"
attempts = 2
[groups.base]
limits.timeout = "5s"
owner = "base"
tags = ["b"]
never = ["tcp/7"]
[groups.leaf]
parents = ["base"]
limits.timeout = "1s"
[[targets]]
address = "10.0.0.1"
groups = ["leaf"]
owner = "me"
tags = ["own"]
params."x.y".days = 3
)");
  const Membership settings = member(inventory, "10.0.0.1");
  CHECK(origins_of(settings, "limits.timeout") ==
        "\"1s\" [groups.leaf] i:11:8; \"5s\" [groups.base] i:5:8; \"9s\" the inventory as a whole i:2:1");
  CHECK(origins_of(settings, "limits.attempts") == "2 the inventory as a whole i:3:1");
  CHECK(origins_of(settings, "limits.gap") == "\"0s\" default");
  CHECK(origins_of(settings, "owner") == "\"me\" its own entry i:15:1; \"base\" [groups.base] i:6:1");
  CHECK(origins_of(settings, "tags") == "b [groups.base] i:7:9; own its own entry i:16:9");
  CHECK(origins_of(settings, "never") == "tcp/9100-9107 default; tcp/7 [groups.base] i:8:1");
  CHECK(origins_of(settings, "params.\"x.y\".\"days\"") == "3 its own entry i:17:14");
}

TEST_CASE("a value that a priority decides names the one that holds first") {
  const Inventory inventory = traced(R"([groups.a]
owner = "a"
[groups.b]
owner = "b"
priority = 2
[[targets]]
address = "10.0.0.1"
groups = ["a", "b"]
)");
  CHECK(origins_of(member(inventory, "10.0.0.1"), "owner") == "\"b\" [groups.b] i:4:1; \"a\" [groups.a] i:2:1");
}

TEST_CASE("a target is found as it is listed before the block that covers it; an earlier block before a later one") {
  const Inventory inventory = traced(R"([[targets]]
address = "10.0.0.0/24"
[[targets]]
address = "10.0.0.0/16"
[[targets]]
address = "10.0.0.7"
[[targets]]
address = "www.example.net"
)");
  CHECK(member(inventory, "10.0.0.7").entry == &inventory.entries[2]);
  CHECK(member(inventory, "10.0.0.7").also.size() == 2);
  CHECK(member(inventory, "10.0.0.8").entry == &inventory.entries[0]);
  CHECK(member(inventory, "10.0.1.8").entry == &inventory.entries[1]);
  CHECK(member(inventory, "WWW.example.net.").entry == &inventory.entries[3]);
  CHECK(member(inventory, "10.0.0.0/24").entry == &inventory.entries[0]);
  CHECK(complaint(inventory, "ww.example.net") ==
        "ww.example.net is no target of this inventory; did you mean www.example.net?");
  CHECK(complaint(inventory, "10.9.0.1") ==
        "10.9.0.1 is no target of this inventory; `audit inventory` lists its targets");
}

TEST_CASE("of what several entries say of an address the strictest never, safety and gap hold, and are traced to it") {
  const Inventory inventory = traced(R"([groups.plc]
safety = "connect"
never = ["tcp/102"]
limits.gap = "1s"
[[targets]]
address = "10.0.0.0/29"
groups = ["plc"]
[[targets]]
address = "10.0.0.3"
[[targets]]
address = "10.0.0.0/24"
limits.timeout = "9s"
)");
  const Membership listed = member(inventory, "10.0.0.3");
  CHECK(origins_of(listed, "safety") == "\"connect\" 10.0.0.0/29, which covers it too i:5:1; \"normal\" default");
  CHECK(origins_of(listed, "limits.gap") == "\"1s\" 10.0.0.0/29, which covers it too i:5:1; \"0s\" default");
  CHECK(origins_of(listed, "never") ==
        "tcp/9100-9107 default; tcp/102,9100-9107 10.0.0.0/29, which covers it too i:5:1");
  CHECK(origins_of(listed, "limits.timeout") == "\"2s\" default");
  const std::optional<Settings> bound = bound_settings(inventory, inventory.entries[1]);
  REQUIRE(bound);
  CHECK(bound->safety == Safety::connect);
  CHECK(origins_of(member(inventory, "10.0.0.9"), "safety") == "\"normal\" default");
  CHECK(!bound_settings(inventory, inventory.entries[2]));
}

TEST_CASE("a target is found by its id in a zone, and not in another") {
  const Inventory inventory = traced(R"([zones.berlin]
networks = ["10.0.0.0/24"]
[zones.paris]
networks = ["10.1.0.0/24"]
[[targets]]
address = "10.0.0.1"
[[targets]]
address = "www.example.net"
zone = "paris"
)");
  REQUIRE(member(inventory, "berlin/10.0.0.1").zone != nullptr);
  CHECK(member(inventory, "10.0.0.1").zone->name == "berlin");
  CHECK(member(inventory, "paris/www.example.net").entry == &inventory.entries[1]);
  CHECK(complaint(inventory, "paris/10.0.0.1") == "10.0.0.1 is in zone berlin, not in paris");
}

TEST_CASE("what takes a target out is named") {
  const Inventory inventory = traced(R"([scope]
exclude = ["10.0.0.4-10.0.0.9", "lab-*"]
[[targets]]
address = "10.0.0.0/24"
[[targets]]
address = "lab-1"
)");
  REQUIRE(member(inventory, "10.0.0.7").excluded != nullptr);
  CHECK(member(inventory, "10.0.0.7").excluded->text == "10.0.0.4-10.0.0.9");
  CHECK(member(inventory, "lab-1").excluded->text == "lab-*");
  CHECK(member(inventory, "10.0.0.1").excluded == nullptr);
}

TEST_CASE("without being asked for, loading keeps no origins") {
  const Inventory inventory = loaded(with_target("[limits]\nrate = 3\n"));
  CHECK(inventory.entries[0].settings->origins == nullptr);
}
