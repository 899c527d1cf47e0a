#include "cli/watch_sight.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace audit::cli {
namespace {

TargetRecord target_of(std::string id, TargetLife life, std::vector<std::pair<int, Reason>> ports = {}) {
  TargetRecord target;
  target.id = std::move(id);
  target.life = life;
  target.addresses = {*parse_address("10.0.0.1")};
  for (const auto& [number, state] : ports) {
    PortRecord port;
    port.endpoint = {target.addresses[0], static_cast<std::uint16_t>(number), Transport::tcp};
    port.state = state;
    target.ports.push_back(std::move(port));
  }
  return target;
}

Check check_of(Status status, Reason reason) {
  Check check;
  check.rule = "a.rule";
  check.target = "h";
  Finding& finding = check.results.emplace_back();
  finding.status = status;
  finding.reason = reason;
  finding.message = "words";
  return check;
}

std::string state_in(const RunRecord& record, const WatchKey& key) {
  const RoundSight round(record);
  const std::vector<WatchSight> all = round.all();
  const auto found = std::find_if(all.begin(), all.end(), [&](const WatchSight& sight) { return sight.key == key; });
  return found == all.end() ? round.absent(key).state : found->state;
}

const WatchKey port23{Watched::port, "h", "tcp/10.0.0.1:23"};

TEST_CASE("a target is up or down only where it was asked") {
  for (const auto& [life, state] :
       {std::pair(TargetLife::alive, "up"), std::pair(TargetLife::silent, "down"),
        std::pair(TargetLife::unresolved, "unknown"), std::pair(TargetLife::unknown, "unknown")}) {
    RunRecord record;
    record.targets = {target_of("h", life)};
    CHECK(state_in(record, {Watched::target, "h", ""}) == state);
  }
}

TEST_CASE("a round knows what the inventory has, silent or not, and nothing else") {
  RunRecord record;
  record.targets = {target_of("h", TargetLife::alive, {{23, Reason::open}})};
  record.rules.emplace_back().id = "a.rule";
  AddressList& dark = record.dark.emplace_back();
  dark.blocks = {*parse_prefix("10.0.1.0/24")};
  const RoundSight round(record);
  CHECK(round.knows({Watched::target, "h", ""}));
  CHECK(round.knows(port23));
  CHECK(round.knows({Watched::check, "h", "a.rule"}));
  CHECK(round.knows({Watched::check, "*", "a.rule"}));
  CHECK(round.knows({Watched::check, "10.0.1.7", "a.rule"}));
  CHECK_FALSE(round.knows({Watched::target, "gone", ""}));
  CHECK_FALSE(round.knows({Watched::port, "h", "tcp/10.0.0.1:80"}));
  CHECK_FALSE(round.knows({Watched::check, "h", "another.rule"}));
}

TEST_CASE("a port of a host that is silent is unknown, never filtered") {
  for (const auto& [life, seen, state] :
       {std::tuple(TargetLife::alive, Reason::open, "open"), std::tuple(TargetLife::alive, Reason::closed, "closed"),
        std::tuple(TargetLife::alive, Reason::filtered, "filtered"),
        std::tuple(TargetLife::silent, Reason::filtered, "unknown"),
        std::tuple(TargetLife::alive, Reason::local_fault, "unknown"),
        std::tuple(TargetLife::silent, Reason::unreachable, "unknown")}) {
    RunRecord record;
    record.targets = {target_of("h", life, {{23, seen}})};
    CHECK(state_in(record, port23) == state);
  }
}

TEST_CASE("a check that could not be carried through is unknown, and says why") {
  for (const Status status : all_statuses) {
    RunRecord record;
    record.checks = {check_of(status, Reason::timeout)};
    const WatchSight sight = RoundSight(record).all().at(0);
    const bool blind = status == Status::error || status == Status::not_reviewed;
    CHECK(sight.state == (blind ? std::string("unknown") : std::string(name_of(status))));
    CHECK(sight.message == (blind ? std::string(name_of(status)) + " (timeout): words" : "words"));
  }
}

TEST_CASE("an address of a range that falls silent is down, and its checks and ports are unknown") {
  RunRecord record;
  record.dark = {{"10.0.0.0/24", {*parse_prefix("10.0.0.0/24")}, {}, 256}};
  const RoundSight round(record);
  CHECK(round.absent({Watched::target, "10.0.0.7", ""}).state == "down");
  CHECK(round.absent({Watched::target, "lab/10.0.0.7", ""}).state == "down");
  CHECK(round.absent({Watched::target, "10.0.1.7", ""}).state == "unknown");
  CHECK(round.absent({Watched::target, "a-name", ""}).state == "unknown");
  CHECK(round.absent({Watched::check, "10.0.0.7", "a.rule"}).state == "unknown");
  CHECK(round.absent({Watched::port, "10.0.0.7", "tcp/10.0.0.7:23"}).state == "unknown");
}

TEST_CASE("a port without a row of its own is not open only where all were seen") {
  RunRecord record;
  record.targets = {target_of("h", TargetLife::alive)};
  CHECK(state_in(record, port23) == "not open");
  record.targets[0].ports_unasked = 1;
  CHECK(state_in(record, port23) == "unknown");
  record.targets = {target_of("h", TargetLife::silent)};
  CHECK(state_in(record, port23) == "unknown");
}

TEST_CASE("a port of an address that a name left is gone, of a name that leads nowhere unknown") {
  RunRecord record;
  record.targets = {target_of("h", TargetLife::alive)};
  CHECK(state_in(record, {Watched::port, "h", "tcp/10.0.0.2:23"}) == "gone");
  CHECK(state_in(record, {Watched::port, "h", "tcp/[2001:db8::1]:23"}) == "gone");
  record.targets[0].addresses = {*parse_address("2001:db8::1")};
  CHECK(state_in(record, {Watched::port, "h", "tcp/[2001:db8::1]:23"}) == "not open");
  record.targets[0].addresses.clear();
  CHECK(state_in(record, port23) == "unknown");
}

}  // namespace
}  // namespace audit::cli
