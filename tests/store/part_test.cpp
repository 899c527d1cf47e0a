#include "store/part.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace audit::store {
namespace {

Part part() {
  Part part;
  part.ordinal = 7;
  part.resolutions.push_back({"a.test", {*parse_address("10.0.0.1"), *parse_address("2001:db8::1")}, "no AAAA", {}});
  part.resolutions.push_back({"b.test", {}, "", Error(Reason::unresolved, "b.test: no such name")});
  Sweep& swept = part.swept.emplace();
  swept.time = WallTime(std::chrono::milliseconds(1'795'000'000'123));
  swept.hosts.push_back({*parse_address("10.0.0.1"),
                         {{22, 22, Reason::open, 1, false, 0, 300}, {23, 1'024, Reason::filtered, 3, true, 0, 0}}});
  swept.echoes = 2;
  swept.no_echo = "no socket";
  swept.tarpits = {"accepts all"};
  swept.lively.push_back({*parse_address("10.0.0.1"), "answered ICMP echo in 0.3 ms"});
  part.lively.push_back({*parse_address("2001:db8::1"), ""});
  const auto observation = std::make_shared<Observation>();
  Check& check = part.checks.emplace_back();
  check.rule_ordinal = 1;
  check.results.emplace_back().evidence.push_back({"seen", observation, {}});
  CollectedEntry& collected = part.collected.emplace_back();
  collected.rule = 2;
  collected.witness = observation;
  part.answers.push_back(
      {"banner tcp/10.0.0.1:22 o0:", Value::Object{{"text", "SSH"}}, {}, observation, {observation}});
  part.answers.push_back(
      {"port tcp/10.0.0.1:23 o0:", Value::Object(), Error(Reason::timeout, "late"), observation, {}});
  return part;
}

std::string written(const Part& part) {
  std::string bytes;
  write_part(part, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a part is read back as it was written, an observation that its checks and answers share as one") {
  const std::string bytes = written(part());
  const std::optional<Part> read = read_part(bytes, 3);
  REQUIRE(read);
  CHECK(written(*read) == bytes);
  REQUIRE(read->swept);
  CHECK(read->swept->hosts.front().ports.back().last == 1'024);
  REQUIRE(read->resolutions.back().error);
  CHECK(read->resolutions.back().error->reason == Reason::unresolved);
  CHECK(read->answers.front().record.front() == read->checks.front().results.front().evidence.front().observation);
}

TEST_CASE("a part that is cut off anywhere, or changed, is read as something else or not at all") {
  const std::string bytes = written(part());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(read_part(std::string_view(bytes).substr(0, size), 3));
  CHECK_FALSE(read_part(bytes + "x", 3));
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    std::string changed = bytes;
    changed[random() % changed.size()] = static_cast<char>(random());
    if (const auto read = read_part(changed, 3)) CHECK(read_part(written(*read), 3));
  }
}

TEST_CASE("a part that no run can have left is refused") {
  CHECK_FALSE(read_part(written(part()), 2));  // what a third rule collected
  Part twice = part();
  twice.swept->hosts.front().ports.push_back({1'000, 2'000, Reason::closed, 1, false, 0, 0});  // ports swept twice
  CHECK_FALSE(read_part(written(twice), 3));
  Part blind = part();
  blind.answers.front().observation = nullptr;
  CHECK_FALSE(read_part(written(blind), 3));
  Part silent = part();
  silent.checks.front().results.clear();
  CHECK_FALSE(read_part(written(silent), 3));
}

}  // namespace audit::store
