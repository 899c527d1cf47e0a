#include "store/entry.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "stored.hpp"

namespace audit::store {
namespace {

std::string written(const Entry& entry) {
  std::string bytes;
  write_entry(entry, bytes);
  return bytes;
}

std::vector<std::string> rules_of(const RunRecord& record) { return start_of(record, "r", {}).rules; }

Entry collected() {
  Entry entry;
  entry.ordinal = 70'000;
  entry.record.id = "lab/10.0.0.1";
  entry.record.ordinal = 70'000;
  CollectedEntry one;
  one.rule = 3;
  one.addresses = {"10.0.0.1"};
  one.params = Value::Object{{"days", 30}};
  const auto observation = std::make_shared<Observation>();
  one.items.push_back({"key", -4, "value", observation});
  one.items.push_back({"", 2, {}, nullptr});
  one.table = true;
  one.witness = observation;
  one.missing = Error(Reason::timeout, "no answer");
  entry.collected = {one};
  entry.not_asked = {{1, LeftOutBy::safety}, {~std::uint32_t{0}, LeftOutBy::first_address}};
  entry.excluded_addresses = {*parse_address("2001:db8::1"), *parse_address("10.0.0.9")};
  return entry;
}

}  // namespace

TEST_CASE("an entry is read back as it was written, whatever is in it") {
  for (std::uint32_t seed = 1; seed < 60; ++seed) {
    const RunRecord record = storable(seed);
    for (const Entry& entry : entries_of(record)) {
      const std::string bytes = written(entry);
      const std::optional<Entry> read = read_entry(bytes, rules_of(record));
      REQUIRE(read);
      CHECK(written(*read) == bytes);
      REQUIRE(read->checks.size() == entry.checks.size());
      CHECK(read->record.id == entry.record.id);
      for (std::size_t i = 0; i < read->checks.size(); ++i) {
        CHECK(read->checks[i].rule == record.rules[i].id);
        CHECK(read->checks[i].target == entry.record.id);
        CHECK(read->checks[i].status() == entry.checks[i].status());
      }
    }
  }
}

TEST_CASE("what a run-scope rule collected comes back, an observation that two share as one") {
  const std::string bytes = written(collected());
  const std::optional<Entry> read = read_entry(bytes, {});
  REQUIRE(read);
  CHECK(written(*read) == bytes);
  REQUIRE(read->collected.size() == 1);
  const CollectedEntry& one = read->collected.front();
  CHECK(one.items.front().number == -4);
  CHECK(one.items.front().observation == one.witness);
  CHECK(one.items.back().observation == nullptr);
  REQUIRE(one.missing);
  CHECK(one.missing->reason == Reason::timeout);
  CHECK(format_address(read->excluded_addresses.front()) == "2001:db8::1");
}

TEST_CASE("an entry of an older version, without the place of its target, is read") {
  Entry entry;
  entry.kind = Entry::Kind::target;
  entry.record.id = "h";
  std::string bytes = written(entry);
  entry.record.file = "campus.toml";
  entry.record.line = 14;
  const std::string placed = written(entry);
  CHECK(read_entry(placed, {})->record.line == 14);
  const std::size_t place = bytes.find(
      std::string(2, '\0'),
      static_cast<std::size_t>(std::mismatch(bytes.begin(), bytes.end(), placed.begin()).first - bytes.begin()));
  bytes.erase(place, 2);
  bytes[0] = static_cast<char>(bytes[0] - static_cast<char>(Entry::kinds));
  const std::optional<Entry> read = read_entry(bytes, {});
  REQUIRE(read);
  CHECK(read->record.id == "h");
  CHECK(read->record.line == 0);
}

TEST_CASE("an entry that is cut off anywhere is no entry") {
  const RunRecord record = storable(5);
  for (const Entry& entry : entries_of(record)) {
    const std::string bytes = written(entry);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(read_entry(std::string_view(bytes).substr(0, size), rules_of(record)));
    CHECK_FALSE(read_entry(bytes + "x", rules_of(record)));
  }
}

TEST_CASE("bytes that were changed are read as something else or not at all, and nothing breaks") {
  std::mt19937 random(11);
  const RunRecord record = storable(9);
  std::size_t refused = 0;
  for (const Entry& entry : entries_of(record)) {
    std::string bytes = written(entry);
    for (int round = 0; round < 200; ++round) {
      std::string changed = bytes;
      changed[random() % changed.size()] = static_cast<char>(random());
      if (!read_entry(changed, rules_of(record))) ++refused;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a check of a rule that the run does not have is refused") {
  const RunRecord record = storable(5);
  REQUIRE(record.rules.size() > 1);
  const Entry entry = entries_of(record).front();
  CHECK_FALSE(read_entry(written(entry), {"family.rule-0"}));
}

}  // namespace audit::store
