#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/left_out.hpp"
#include "base/model.hpp"
#include "base/result.hpp"

namespace audit::store {

/// What a run-scope rule collected of one target, and of whom.
struct CollectedEntry {
  struct Item {
    std::string label;
    std::int64_t number = 0;
    Value value;
    ObservationPtr observation;
  };
  std::uint32_t rule = 0;  // its ordinal
  std::string address;     // of the first host
  std::vector<std::string> addresses;
  std::vector<std::string> urls;
  Value params;
  std::vector<Item> items;
  bool table = false;
  ObservationPtr witness;
  std::uint64_t bytes = 0;
  std::optional<Error> missing;
};

/// A rule of the plan that was kept from a target.
struct NotAskedEntry {
  std::uint32_t rule = 0;
  LeftOutBy by = LeftOutBy::safety;
};

/// All that came of one member of the inventory, in one record: complete by itself, so that a journal takes records in any
/// order, and one twice (the first counts).
struct Entry {
  enum class Kind : std::uint8_t {
    target,    // it was audited: record and checks hold
    dark,      // a candidate that gave no sign of life
    excluded,  // before or after resolution; `message` names the exclude
    run,       // the checks that are about the whole run
  };
  static constexpr std::size_t kinds = 4;
  Kind kind = Kind::target;
  std::uint64_t ordinal = 0;  // of the member, in the order of the inventory
  std::uint32_t planned = 0;
  TargetRecord record;
  std::vector<Check> checks;  // `rule` and `target` are those of `rule_ordinal` and of the record
  std::vector<CollectedEntry> collected;
  std::vector<NotAskedEntry> not_asked;
  std::vector<IpAddress> excluded_addresses;
  std::vector<std::string> notices;
  std::string message;
};

/// Appends the entry's bytes.
void write_entry(const Entry& entry, std::string& out);
/// The entry that the bytes are, whole; none where they are no entry. Names of rules are `rules[ordinal]`.
[[nodiscard]] std::optional<Entry> read_entry(std::string_view bytes, const std::vector<std::string>& rules);
/// Only the beginning of it, without its checks and whatever comes after them: a fraction of the work.
[[nodiscard]] std::optional<Entry> read_entry_record(std::string_view bytes);

}  // namespace audit::store
