#include "loading.hpp"

#include "inventory/time_zone.hpp"

using namespace audit;
using namespace audit::inventory;
using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

namespace {

Day on(int y, unsigned m, unsigned d) { return Day(year(y) / month(m) / day(d)); }

std::string waiver(const std::string& keys) { return with_target("[[waivers]]\n" + keys); }

/// All keys that a waiver has to have, less `without`.
std::string complete(const std::string& without = "", const std::string& more = "") {
  std::string keys;
  for (const auto& [key, line] :
       std::vector<std::pair<std::string, std::string>>{{"id", "id = \"W-17\""},
                                                        {"rule", "rule = \"exposure.*\""},
                                                        {"targets", "targets = \"10.0.0.7\""},
                                                        {"reason", "reason = \"Console server\""},
                                                        {"approver", "approver = \"j.doe\""},
                                                        {"starts", "starts = 2026-11-01"},
                                                        {"expires", "expires = 2027-01-31"}})
    if (key != without) keys += line + "\n";
  return waiver(keys + more);
}

}  // namespace

TEST_CASE("a waiver is read with everything it says") {
  const Inventory inventory = loaded(R"(
[audit]
timezone = "UTC"
warn_days = 7
[groups.switches]
[[waivers]]
id = "W-17"
rule = "exposure.telnet-open"
targets = ["10.0.0.0/24", "10.0.1.1-10.0.1.9", "SW-*.example.net", "lab-1", "group:switches", "*"]
endpoint = "tcp/10.0.0.1:23"
reason = """
Console server,
replacement ordered"""
approver = "j.doe"
ticket = "CHG-112"
starts = 2026-11-01
expires = 2027-01-31
covers = ["fail", "unreachable"]
[[targets]]
address = "10.0.0.1"
)");
  CHECK(inventory.warn_days == 7);
  REQUIRE(inventory.waivers.size() == 1);
  const Waiver& read = inventory.waivers.front();
  CHECK(read.id == "W-17");
  CHECK(read.reason == "Console server,\nreplacement ordered");
  CHECK(read.ticket == "CHG-112");
  CHECK(read.starts == on(2026, 11, 1));
  CHECK(read.expires == on(2027, 1, 31));
  CHECK(read.covers_fail);
  CHECK(read.covers_unreachable);
  CHECK(read.place.line == 6);
  REQUIRE(read.targets.size() == 6);
  using Kind = TargetPattern::Kind;
  const std::vector<Kind> kinds{Kind::addresses, Kind::addresses, Kind::name,
                                Kind::name,      Kind::group,     Kind::everything};
  for (std::size_t i = 0; i < kinds.size(); ++i) CHECK(read.targets[i].kind == kinds[i]);
  CHECK(read.targets[2].word == "sw-*.example.net");
  CHECK(read.targets[4].word == "switches");
  REQUIRE(read.endpoint);
  CHECK(read.endpoint->port == 23);
  CHECK(read.endpoint->address == parse_address("10.0.0.1"));
}

TEST_CASE("a waiver covers failures alone where it does not say") {
  const Inventory inventory = loaded(complete());
  CHECK(inventory.waivers.at(0).covers_fail);
  CHECK_FALSE(inventory.waivers.at(0).covers_unreachable);
  CHECK(inventory.warn_days == 30);
  CHECK(inventory.timezone == "UTC");
  CHECK_FALSE(loaded(complete("", "covers = [\"unreachable\"]")).waivers.at(0).covers_fail);
}

TEST_CASE("what a waiver has to have and has not is said at its table, with what to write") {
  for (const char* key : {"id", "rule", "targets", "reason", "approver", "starts", "expires"}) {
    INFO(key);
    const Lines lines = mistakes_of(complete(key));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with(std::string("1:1: this waiver has no ") + key + "; write " + key + " = "));
  }
}

TEST_CASE("a reason of blanks is none") {
  CHECK(mistakes_of(complete("reason", "reason = \"  \"")) == Lines{"8:10: reason is empty; a reader has to know it"});
}

TEST_CASE("an approver whom nobody can see is none") {
  for (const char* unseen :
       {"\\u200B", "\\u00A0", "\\u2060\\uFEFF", "\\u3164", "\\u2800", "\\u0301", "\\u202E \\u202C"}) {
    CAPTURE(unseen);
    CHECK(mistakes_of(complete("approver", "approver = \"" + std::string(unseen) + "\"")) ==
          Lines{"8:12: approver has no character that can be seen; a reader has to know it"});
  }
}

TEST_CASE("a waiver that ends before it starts is a mistake, one of a single day is none") {
  CHECK(mistakes_of(complete("expires", "expires = 2026-10-31")) ==
        Lines{"8:11: expires is 2026-10-31, before it starts (2026-11-01): this waiver would never hold; expires is "
              "its last day"});
  CHECK(loaded(complete("expires", "expires = 2026-11-01")).waivers.at(0).expires == on(2026, 11, 1));
}

TEST_CASE("a date in quotes, with a time, or a time alone is no date") {
  CHECK(mistakes_of(complete("expires", "expires = \"2027-01-31\"")) ==
        Lines{"8:11: expires has to be a date without quotes and without a time, such as 2027-01-31; this is text"});
  for (const char* written : {"2027-01-31T12:00:00", "2027-01-31T12:00:00Z", "12:00:00"})
    CHECK(
        mistakes_of(complete("expires", std::string("expires = ") + written)) ==
        Lines{"8:11: expires has to be a date without quotes and without a time, such as 2027-01-31; this is a time"});
  CHECK(mistakes_of(complete("expires", "expires = 2027-02-29")).size() == 1);
}

TEST_CASE("two waivers with one id are a mistake that names the first") {
  const std::string two = complete() + complete().substr(0, complete().find("[[targets]]"));
  CHECK(mistakes_of(two) == Lines{"13:6: there is a waiver \"W-17\" already, at i:2:6; give this one another id"});
}

TEST_CASE("a pattern of targets that names nothing is a mistake at its place") {
  CHECK(mistakes_of(complete("targets", "targets = \"10.0.0.300\"")).at(0).starts_with("8:11: 10.0.0.300"));
  CHECK(mistakes_of(complete("targets", "targets = [\"10.0.0.1\", \"10.0.*\"]")).at(0).starts_with("8:24: 10.0.*"));
  CHECK(mistakes_of(complete("targets", "targets = \"group:swiches\"")).at(0).starts_with("8:11: "));
  CHECK(mistakes_of(complete("targets", "targets = []")) ==
        Lines{"8:11: targets is empty: this waiver would cover nothing; name what it is for, \"*\" for everything"});
  CHECK(mistakes_of(complete("targets", "targets = 7")).size() == 1);
}

TEST_CASE("an endpoint of a waiver is one port") {
  for (const char* good : {"tcp/23", "udp/161", "tcp/10.0.0.1:23", "tcp/[2001:db8::1]:443"})
    CHECK(loaded(complete("", std::string("endpoint = \"") + good + "\"")).waivers.at(0).endpoint->text == good);
  for (const char* bad :
       {"23", "tcp/", "tcp/22-23", "tcp/0", "tcp/10.0.0.1", "tcp/10.0.0.1:0", "icmp/1", "tcp/name:23"}) {
    INFO(bad);
    CHECK(mistakes_of(complete("", std::string("endpoint = \"") + bad + "\"")).size() == 1);
  }
}

TEST_CASE("unknown keys and words of a waiver are mistakes with a suggestion") {
  CHECK(mistakes_of(complete("", "tickets = \"1\"")) ==
        Lines{"9:1: unknown key \"tickets\" in [[waivers]]; did you mean \"ticket\"?"});
  CHECK(mistakes_of(complete("", "covers = [\"fial\"]")).at(0).ends_with("did you mean \"fail\"?"));
  CHECK(mistakes_of(complete("", "covers = []")).size() == 1);
  CHECK(mistakes_of(with_target("[waivers]\nid = \"W-1\"")) ==
        Lines{"1:2: waivers is a list of tables; write [[waivers]], with two brackets, above each"});
  CHECK(mistakes_of("waivers = [1]\n" + with_target("")).size() == 1);
}

TEST_CASE("several mistakes in waivers are told at once") {
  CHECK(mistakes_of(waiver("id = \"W-1\"\nrule = 7\ntargets = \"*\"\nstarts = 1\nexpires = 2027-01-31\n")).size() == 4);
}

TEST_CASE("a time zone that tzdata does not have is a mistake, not UTC in silence") {
  const auto zone = [](const char* name) { return with_target(std::string("[audit]\ntimezone = \"") + name + "\"\n"); };
  for (const char* bad : {"Europe/Berlln", "CET-1CEST", "../../etc/passwd", "/etc/localtime", "Mars", "Europe"}) {
    INFO(bad);
    REQUIRE(mistakes_of(zone(bad)).size() == 1);
    CHECK(mistakes_of(zone(bad))[0].starts_with("2:12: "));
  }
  CHECK(mistakes_of(zone("Europe/Berlln"))[0].ends_with("did you mean \"Europe/Berlin\"?"));
  CHECK(loaded(zone("Europe/Berlin")).timezone == "Europe/Berlin");
  CHECK(loaded(zone("UTC")).timezone == "UTC");
}

TEST_CASE("local time is that of the zone, and of the machine where none is named") {
  const auto at = [](Day day, int minutes) { return WallTime(day + std::chrono::minutes(minutes)); };
  CHECK(local_time("Europe/Berlin", at(on(2026, 1, 31), 0)).ahead == std::chrono::hours(1));
  CHECK(local_time("Europe/Berlin", at(on(2026, 3, 29), 59)).ahead == std::chrono::hours(1));
  CHECK(local_time("Europe/Berlin", at(on(2026, 3, 29), 60)).ahead == std::chrono::hours(2));
  CHECK(local_time("America/St_Johns", at(on(2026, 1, 1), 0)).ahead == -std::chrono::minutes(210));
  CHECK(local_time("Europe/Berlin", at(on(2026, 1, 31), 0)).zone == "Europe/Berlin");
  std::time_t moment = at(on(2026, 7, 1), 0).time_since_epoch().count() / 1'000;
  std::tm here{};
  REQUIRE(localtime_r(&moment, &here) != nullptr);
  CHECK(local_time("UTC", at(on(2026, 7, 1), 0)).zone == here.tm_zone);
  CHECK(local_time("UTC", at(on(2026, 7, 1), 0)).ahead == std::chrono::minutes(here.tm_gmtoff / 60));
}

TEST_CASE("the day of a run is that of the zone, also where summer time moves it") {
  const auto at = [](Day day, int minutes) { return WallTime(day + std::chrono::minutes(minutes)); };
  CHECK(day_in("UTC", at(on(2026, 1, 31), 23 * 60 + 59)) == on(2026, 1, 31));
  CHECK(day_in("Europe/Berlin", at(on(2026, 1, 31), 22 * 60 + 59)) == on(2026, 1, 31));
  CHECK(day_in("Europe/Berlin", at(on(2026, 1, 31), 23 * 60)) == on(2026, 2, 1));
  CHECK(day_in("Europe/Berlin", at(on(2026, 7, 31), 21 * 60 + 59)) == on(2026, 7, 31));
  CHECK(day_in("Europe/Berlin", at(on(2026, 7, 31), 22 * 60)) == on(2026, 8, 1));
  CHECK(day_in("America/New_York", at(on(2026, 3, 1), 60)) == on(2026, 2, 28));
  CHECK(day_in("UTC", at(on(2026, 2, 1), 0)) == on(2026, 2, 1));
}
