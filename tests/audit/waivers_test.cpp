#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <random>

#include "audit/waivers.hpp"
#include "inventory/target_pattern.hpp"

using namespace audit;
using namespace audit::core;

namespace {

const Day today = Day(std::chrono::year(2026) / 11 / 21);

inventory::Waiver waiver(const std::string& rule, const std::vector<std::string>& targets,
                         const std::string& endpoint = "") {
  inventory::Waiver made;
  made.id = "W-1";
  made.rule = rule;
  for (const std::string& target : targets)
    made.targets.push_back(std::get<inventory::TargetPattern>(inventory::parse_target_pattern(target)));
  if (!endpoint.empty())
    made.endpoint = std::get<inventory::EndpointPattern>(inventory::parse_endpoint_pattern(endpoint));
  made.starts = today;
  made.expires = today + std::chrono::days(100);
  return made;
}

TargetRecord target(const std::string& id, const std::vector<std::string>& addresses) {
  TargetRecord record;
  record.id = id;
  if (!parse_address(id)) record.names = {id};
  for (const std::string& address : addresses) record.addresses.push_back(*parse_address(address));
  record.groups = {"switches"};
  return record;
}

Finding result(Status status, Reason reason, const std::string& endpoint = "") {
  Finding made;
  made.status = status;
  made.reason = reason;
  made.endpoint = endpoint;
  return made;
}

Evidence seen_at(const std::string& endpoint) {
  Observation observation;
  observation.endpoint = endpoint;
  return {"", std::make_shared<const Observation>(std::move(observation)), {}};
}

Check check(const std::string& rule, std::vector<Finding> results, const std::string& id = "x") {
  Check made;
  made.rule = rule;
  made.target = id;
  made.results = std::move(results);
  return made;
}

bool names(const inventory::Waiver& waiver, const TargetRecord& target, const std::string& endpoint = "") {
  const Check made = check("exposure.telnet-open", {result(Status::fail, Reason::observed, endpoint)}, target.id);
  return core::names(waiver, &target, made, made.results.front());
}

std::vector<WaiverRecord> judged(const std::vector<inventory::Waiver>& waivers, std::uint32_t warn_days = 30,
                                 Day day = today) {
  inventory::Inventory inventory;
  inventory.waivers = waivers;
  inventory.warn_days = warn_days;
  return judge_waivers(inventory, day);
}

const TargetRecord switch_1 = target("sw-1.example.net", {"10.0.0.7"});
const TargetRecord two_homed = target("core.example.net", {"10.0.0.1", "2001:db8::1"});

}  // namespace

TEST_CASE("a waiver names a target by address, CIDR, range, name, glob, group or star") {
  for (const char* pattern :
       {"10.0.0.7", "10.0.0.0/24", "10.0.0.1-10.0.0.9", "sw-1.example.net", "sw-*", "group:switches", "*"}) {
    INFO(pattern);
    CHECK(names(waiver("exposure.*", {pattern}), switch_1));
  }
  for (const char* pattern : {"10.0.0.8", "10.0.1.0/24", "sw-2.example.net", "core-*", "group:routers"}) {
    INFO(pattern);
    CHECK_FALSE(names(waiver("exposure.*", {pattern}), switch_1));
  }
}

TEST_CASE("a waiver names the rules of its glob and no others") {
  CHECK(names(waiver("exposure.telnet-open", {"*"}), switch_1));
  CHECK(names(waiver("*", {"*"}), switch_1));
  CHECK_FALSE(names(waiver("exposure.telnet", {"*"}), switch_1));
  CHECK_FALSE(names(waiver("ssh.*", {"*"}), switch_1));
}

TEST_CASE("a waiver of one address does not cover what was seen at another of the same name") {
  const inventory::Waiver one = waiver("*", {"10.0.0.1"});
  CHECK(names(one, two_homed, "tcp/10.0.0.1:23"));
  CHECK_FALSE(names(one, two_homed, "tcp/[2001:db8::1]:23"));
  CHECK_FALSE(names(one, two_homed));
  CHECK(names(waiver("*", {"10.0.0.1", "2001:db8::1"}), two_homed));
  CHECK(names(waiver("*", {"core.example.net"}), two_homed, "tcp/[2001:db8::1]:23"));
}

TEST_CASE("a waiver of an endpoint covers results of that endpoint alone") {
  CHECK(names(waiver("*", {"*"}, "tcp/23"), two_homed, "tcp/10.0.0.1:23"));
  CHECK(names(waiver("*", {"*"}, "tcp/23"), two_homed, "tcp/[2001:db8::1]:23"));
  CHECK_FALSE(names(waiver("*", {"*"}, "tcp/10.0.0.1:23"), two_homed, "tcp/[2001:db8::1]:23"));
  CHECK_FALSE(names(waiver("*", {"*"}, "tcp/23"), two_homed, "tcp/10.0.0.1:2323"));
  CHECK_FALSE(names(waiver("*", {"*"}, "udp/23"), two_homed, "tcp/10.0.0.1:23"));
  CHECK_FALSE(names(waiver("*", {"*"}, "tcp/23"), two_homed));
}

TEST_CASE("a result without an endpoint is where all of its evidence was seen") {
  const inventory::Waiver of_port = waiver("*", {"*"}, "tcp/23");
  const inventory::Waiver of_address = waiver("*", {"10.0.0.1"});
  const auto named = [](const inventory::Waiver& by, const std::vector<std::string>& seen, std::uint32_t dropped = 0) {
    Check made = check("a.b", {result(Status::fail, Reason::observed)});
    for (const std::string& endpoint : seen) made.results[0].evidence.push_back(seen_at(endpoint));
    made.observations_dropped = dropped;
    return core::names(by, &two_homed, made, made.results[0]);
  };
  CHECK(named(of_port, {"tcp/10.0.0.1:23", "tcp/[2001:db8::1]:23"}));
  CHECK_FALSE(named(of_port, {"tcp/10.0.0.1:23", "tcp/10.0.0.1:22"}));
  CHECK_FALSE(named(of_port, {"tcp/10.0.0.1:23", "www.example.net"}));
  CHECK_FALSE(named(of_port, {"tcp/10.0.0.1:23"}, 1));
  CHECK(named(of_address, {"tcp/10.0.0.1:23"}));
  CHECK_FALSE(named(of_address, {"tcp/10.0.0.1:23", "tcp/[2001:db8::1]:23"}));
}

TEST_CASE("a pattern of a zone names what is in that zone, and no check of the whole run") {
  inventory::Zone berlin;
  berlin.name = "berlin";
  const auto of = [&](std::string_view pattern) {
    inventory::Waiver made = waiver("a.b", {});
    made.targets.push_back(std::get<inventory::TargetPattern>(inventory::parse_target_pattern(pattern, {berlin})));
    return made;
  };
  TargetRecord there = target("10.0.0.1", {"10.0.0.1"});
  there.zone = "berlin";
  TargetRecord elsewhere = there;
  elsewhere.zone = "paris";
  const Finding failure = result(Status::fail, Reason::open);
  const Check one = check("a.b", {failure});
  for (const std::string_view pattern :
       {"berlin/*", "berlin/10.0.0.1", "berlin/10.0.0.0/24", "berlin/group:switches"}) {
    CHECK(names(of(pattern), &there, one, failure));
    CHECK_FALSE(names(of(pattern), &elsewhere, one, failure));
    CHECK_FALSE(names(of(pattern), nullptr, one, failure));
  }
}

TEST_CASE("a check of the whole run is named by a star alone") {
  const Check made = check("lab.shared", {result(Status::fail, Reason::observed)}, "*");
  CHECK(core::names(waiver("lab.*", {"*"}), nullptr, made, made.results[0]));
  CHECK_FALSE(core::names(waiver("lab.*", {"0.0.0.0/0", "group:switches", "*.net"}), nullptr, made, made.results[0]));
}

TEST_CASE("a target without addresses is named by its name") {
  const TargetRecord unresolved = target("gone.example.net", {});
  CHECK(names(waiver("*", {"gone.example.net"}), unresolved));
  CHECK_FALSE(names(waiver("*", {"0.0.0.0/0"}), unresolved));
}

TEST_CASE("a host known to be away is one that does not answer or resolve; nothing else is covered") {
  inventory::Waiver away = waiver("*", {"*"});
  away.covers_fail = false;
  away.covers_unreachable = true;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    INFO(name_of(reason));
    const bool gone = reason == Reason::unreachable || reason == Reason::unresolved || reason == Reason::filtered;
    CHECK(covers(away, result(Status::not_reviewed, reason)) == gone);
    for (const Status status :
         {Status::pass, Status::fail, Status::error, Status::not_applicable, Status::informational})
      CHECK_FALSE(covers(away, result(status, reason)));
    CHECK_FALSE(covers(waiver("*", {"*"}), result(Status::not_reviewed, reason)));
  }
  CHECK(covers(waiver("*", {"*"}), result(Status::fail, Reason::observed)));
}

TEST_CASE("a name is away where a server says that there is none, not where no server could be asked") {
  inventory::Waiver away = waiver("*", {"*"});
  away.covers_unreachable = true;
  const auto waived = [&](const TargetRecord* where) {
    std::vector<WaiverRecord> records = judged({away});
    std::vector<Check> checks{check("a.b", {result(Status::not_reviewed, Reason::unresolved)})};
    apply_waivers({away}, where, checks, records);
    return !checks[0].results[0].waiver.empty();
  };
  TargetRecord name = target("gone.example.net", {});
  name.life = TargetLife::unresolved;
  CHECK(waived(&name));
  name.life = TargetLife::unknown;
  CHECK_FALSE(waived(&name));
  name.life = TargetLife::silent;  // of its two kinds of address one could not be asked for
  CHECK_FALSE(waived(&name));
  CHECK_FALSE(waived(nullptr));
}

TEST_CASE("a waiver holds from its first day to its last, both included") {
  inventory::Waiver made = waiver("*", {"*"});
  made.starts = today;
  made.expires = today + std::chrono::days(40);
  const auto state = [&](int day) { return judged({made}, 30, today + std::chrono::days(day))[0].state; };
  CHECK(state(-1) == WaiverState::future);
  CHECK(state(0) == WaiverState::active);
  CHECK(state(9) == WaiverState::active);
  CHECK(state(10) == WaiverState::expiring);
  CHECK(state(40) == WaiverState::expiring);
  CHECK(state(41) == WaiverState::expired);
  CHECK(judged({made}, 30, today)[0].days_left == 40);
  CHECK(judged({made}, 30, today + std::chrono::days(43))[0].days_left == -3);
}

TEST_CASE("an expired waiver waives nothing and says what it would have") {
  inventory::Waiver expired = waiver("*", {"*"});
  expired.expires = today - std::chrono::days(1);
  expired.starts = expired.expires;
  std::vector<WaiverRecord> records = judged({expired});
  std::vector<Check> checks{check("a.b", {result(Status::fail, Reason::observed)})};
  apply_waivers({expired}, &switch_1, checks, records);
  CHECK(checks[0].results[0].waiver.empty());
  CHECK(records[0].matched == 1);
  CHECK(records[0].waived == 0);
}

TEST_CASE("of two waivers for one result the first in the inventory is carried, and both count it") {
  std::vector<inventory::Waiver> two{waiver("*", {"*"}), waiver("a.*", {"10.0.0.7"})};
  two[1].id = "W-2";
  std::vector<WaiverRecord> records = judged(two);
  std::vector<Check> checks{check("a.b", {result(Status::fail, Reason::observed)})};
  apply_waivers(two, &switch_1, checks, records);
  CHECK(checks[0].results[0].waiver == "W-1");
  CHECK(records[0].waived == 1);
  CHECK(records[1].waived == 0);
  CHECK(records[1].matched == 1);
  CHECK_FALSE(records[1].unused());
}

TEST_CASE("a waiver whose rule matches no rule is a mistake with its place") {
  inventory::Waiver wrong = waiver("exposure.telnet-opne", {"*"});
  wrong.rule_place = {"inv.toml", 4, 8};
  const std::vector<std::string> rules{"exposure.telnet-open", "policy.port-missing"};
  CHECK(waiver_mistakes({wrong}, rules) ==
        std::vector<std::string>{"inv.toml:4:8: waiver W-1: `exposure.telnet-opne` matches no rule; did you mean "
                                 "`exposure.telnet-open`?"});
  CHECK(waiver_mistakes({waiver("exposure.*", {"*"}), waiver("policy.port-*", {"*"})}, rules).empty());
}

TEST_CASE("whatever waivers there are, no status changes and the counts sum") {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  const std::vector<std::string> patterns{"*", "10.0.0.0/30", "10.0.0.7", "sw-*", "group:switches", "2001:db8::/32"};
  const std::vector<std::string> rules{"a.b", "a.c", "d.e"};
  const std::vector<std::string> globs{"*", "a.*", "d.e"};
  const std::vector<std::string> endpoints{"", "", "tcp/23", "tcp/10.0.0.7:23"};
  std::uint64_t carried = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::vector<inventory::Waiver> waivers;
    for (std::uint32_t i = below(6); i > 0; --i) {
      inventory::Waiver made = waiver(globs[below(3)], {patterns[below(6)]}, endpoints[below(4)]);
      made.id = fmt::format("W-{}", i);
      made.covers_fail = below(2) == 0;
      made.covers_unreachable = below(2) == 0;
      made.starts = today + std::chrono::days(static_cast<int>(below(20)) - 15);
      made.expires = made.starts + std::chrono::days(below(40));
      waivers.push_back(std::move(made));
    }
    const TargetRecord* where = below(4) == 0 ? nullptr : below(2) == 0 ? &switch_1 : &two_homed;
    std::vector<Check> checks;
    for (const std::string& rule : rules) {
      std::vector<Finding> results;
      for (std::uint32_t i = 1 + below(3); i > 0; --i) {
        results.push_back(result(static_cast<Status>(below(status_count)), static_cast<Reason>(below(reason_count)),
                                 below(2) == 0 ? "" : "tcp/10.0.0.7:23"));
        results.back().severity = static_cast<Severity>(below(severity_count));
      }
      checks.push_back(check(rule, std::move(results)));
    }
    const std::vector<Check> before = checks;
    std::vector<WaiverRecord> records = judged(waivers);
    apply_waivers(waivers, where, checks, records);
    Summary summary;
    Summary unwaived;
    std::uint64_t with_waiver = 0;
    for (std::size_t i = 0; i < checks.size(); ++i) {
      ++summary.planned;
      summary.count(checks[i]);
      ++unwaived.planned;
      unwaived.count(before[i]);
      for (std::size_t j = 0; j < checks[i].results.size(); ++j) {
        const Finding& after = checks[i].results[j];
        CHECK(after.status == before[i].results[j].status);
        CHECK(after.reason == before[i].results[j].reason);
        if (after.waiver.empty()) continue;
        ++with_waiver;
        CHECK((after.status == Status::fail || after.status == Status::not_reviewed));
      }
    }
    CHECK(summary.checks == unwaived.checks);
    CHECK(summary.failures == unwaived.failures);
    CHECK(summary.score() == unwaived.score());
    CHECK(summary.coverage() == unwaived.coverage());
    CHECK(summary.accepted_coverage() >= summary.coverage());
    CHECK(unwaived.accepted_coverage() == unwaived.coverage());
    std::uint64_t waived = 0;
    for (const WaiverRecord& record : records) {
      CHECK(record.waived <= record.matched);
      CHECK(record.matched <= record.named);
      if (!record.in_force()) CHECK(record.waived == 0);
      waived += record.waived;
    }
    CHECK(waived == with_waiver);
    std::uint64_t by_severity = 0;
    for (std::size_t i = 0; i < severity_count; ++i) {
      CHECK(summary.waived_failures[i] <= summary.failures[i]);
      by_severity += summary.waived_failures[i];
    }
    CHECK(by_severity == summary.waived);
    CHECK(summary.waived_unseen <= summary.of(Status::not_reviewed));
    carried += with_waiver;
  }
  CHECK(carried > 200);
}
