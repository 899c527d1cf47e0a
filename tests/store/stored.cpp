#include "stored.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <limits>
#include <map>

#include "../report/random_record.hpp"

namespace audit::store {

StateFolder::StateFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "audit-state-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  root_ = name;
}

StateFolder::~StateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

RunStart start_of(const RunRecord& record, const std::string& id, WallTime started) {
  RunStart start;
  start.id = id;
  start.inventory = "/etc/audit/campus.toml";
  start.scope = "campus";
  start.started = started;
  start.seed = 7;
  for (const RuleRecord& rule : record.rules) start.rules.push_back(rule.id);
  start.made_of = {{"/etc/audit/campus.toml", "00"}, {"--select", ""}};
  return start;
}

std::vector<Entry> entries_of(const RunRecord& record) {
  std::vector<Entry> entries;
  std::map<std::uint64_t, std::size_t> place;
  for (const TargetRecord& target : record.targets) {
    place[target.ordinal] = entries.size();
    Entry& entry = entries.emplace_back();
    entry.ordinal = target.ordinal;
    entry.record = target;
    entry.notices = {"a notice of " + target.id};
  }
  for (const Check& check : record.checks) {
    Entry& entry = entries[place.at(check.target_ordinal)];
    ++entry.planned;
    entry.checks.push_back(check);
  }
  return entries;
}

std::string bytes_of(const RunRecord& record) {
  std::string bytes = write_head(record);
  for (const Entry& entry : entries_of(record)) write_entry(entry, bytes);
  return bytes;
}

RunRecord storable(std::uint32_t seed) {
  RunRecord record = report::random_record(seed);
  record.run.id = "20261122T000000-" + std::to_string(seed);
  record.run.command = "audit run \xff campus.toml";
  record.services = {{22, "ssh"}, {830, "NETCONF"}};
  record.notices = {"one", "two"};
  record.dark.push_back({"10.0.0.0/24", {{{}, {}}}, {"a.test"}, 3});
  const std::size_t rules = record.rules.size();
  for (std::size_t i = 0; i < record.checks.size(); ++i) {
    Check& check = record.checks.held()[i];
    check.rule_ordinal = static_cast<std::uint32_t>(i % rules);
    check.target_ordinal = i / rules;
    auto observation = std::make_shared<Observation>();
    observation->probe = "port";
    observation->message = std::string("\0x", 2) + std::to_string(i);
    observation->elapsed = std::chrono::microseconds(i * 17);
    observation->fields =
        Value::Object{{"state", "open"}, {"ratio", 0.5}, {"list", Value::Array{1, -2, true, Value()}}};
    for (Finding& result : check.results) result.evidence.push_back({"shared", observation, {}});
  }
  return record;
}

}  // namespace audit::store
