#include "cli/journal_entry.hpp"

#include <algorithm>
#include <limits>

namespace audit::cli {
namespace {

using store::CollectedEntry;
using store::Entry;

Entry::Kind kind_of(core::Fate fate) {
  switch (fate) {
    case core::Fate::dark: return Entry::Kind::dark;
    case core::Fate::excluded: return Entry::Kind::excluded;
    default: return Entry::Kind::target;
  }
}

core::Fate fate_of(Entry::Kind kind) {
  switch (kind) {
    case Entry::Kind::dark: return core::Fate::dark;
    case Entry::Kind::excluded: return core::Fate::excluded;
    default: return core::Fate::target;
  }
}

/// Nobody else has an observation that was read back.
std::shared_ptr<Observation> owned(const ObservationPtr& observation) {
  return std::const_pointer_cast<Observation>(observation);
}

}  // namespace

CollectedEntry entry_of(const core::CollectedMessage& message) {
  CollectedEntry entry;
  entry.rule = message.rule_ordinal;
  entry.address = message.target.subject.address;
  entry.addresses = message.target.subject.addresses;
  entry.urls = message.target.subject.urls;
  entry.params = message.target.params;
  for (const lua::CollectedItem& item : message.target.collected.items)
    entry.items.push_back({item.label, item.number, item.value, item.observation});
  entry.table = message.target.collected.table;
  entry.witness = message.target.collected.witness;
  entry.bytes = message.target.collected.bytes;
  entry.missing = message.missing;
  return entry;
}

core::CollectedMessage message_of(CollectedEntry&& entry, const TargetRecord& record) {
  core::CollectedMessage message;
  message.rule_ordinal = entry.rule;
  message.missing = std::move(entry.missing);
  message.target.ordinal = record.ordinal;
  message.target.params = std::move(entry.params);
  lua::Subject& subject = message.target.subject;
  subject.id = record.id;
  subject.address = std::move(entry.address);
  subject.addresses = std::move(entry.addresses);
  subject.names = record.names;
  subject.tags = record.tags;
  subject.groups = record.groups;
  subject.owner = record.owner;
  subject.zone = record.zone;
  subject.criticality = record.criticality;
  subject.urls = std::move(entry.urls);
  lua::Collected& collected = message.target.collected;
  for (CollectedEntry::Item& item : entry.items)
    collected.items.push_back({std::move(item.label), item.number, std::move(item.value), owned(item.observation)});
  collected.table = entry.table;
  collected.witness = owned(entry.witness);
  collected.bytes = entry.bytes;
  return message;
}

Entry entry_of(core::TargetMessage& message) {
  Entry entry;
  entry.kind = kind_of(message.fate);
  entry.ordinal = message.member.ordinal;
  entry.planned = message.planned;
  entry.record = std::move(message.record);
  entry.checks = std::move(message.checks);
  for (const core::CollectedMessage& one : message.collected) entry.collected.push_back(entry_of(one));
  for (const core::NotAsked& one : message.not_asked) entry.not_asked.push_back({one.rule, one.by});
  entry.excluded_addresses = message.excluded_addresses;
  entry.notices = message.notices;
  entry.message = message.message;
  return entry;
}

Entry entry_of(core::RunMessage& message) {
  Entry entry;
  entry.kind = Entry::Kind::run;
  entry.ordinal = std::numeric_limits<std::uint64_t>::max();
  entry.planned = message.planned;
  entry.checks = std::move(message.checks);
  return entry;
}

void give_back(Entry&& entry, core::TargetMessage& message) {
  message.record = std::move(entry.record);
  message.checks = std::move(entry.checks);
}

void give_back(Entry&& entry, core::RunMessage& message) { message.checks = std::move(entry.checks); }

core::TargetMessage message_of(Entry&& entry, const inventory::Member& member) {
  core::TargetMessage message;
  message.fate = fate_of(entry.kind);
  message.member = member;
  message.planned = entry.planned;
  for (CollectedEntry& one : entry.collected) message.collected.push_back(message_of(std::move(one), entry.record));
  message.record = std::move(entry.record);
  message.checks = std::move(entry.checks);
  for (const store::NotAskedEntry& one : entry.not_asked) message.not_asked.push_back({one.rule, one.by});
  message.excluded_addresses = std::move(entry.excluded_addresses);
  message.notices = std::move(entry.notices);
  message.message = std::move(entry.message);
  return message;
}

core::RunMessage run_message_of(Entry&& entry) {
  core::RunMessage message;
  message.planned = entry.planned;
  message.checks = std::move(entry.checks);
  return message;
}

bool was_cut_off(const Entry& entry) {
  const auto stopped = [](const Check& check) {
    return std::any_of(check.results.begin(), check.results.end(),
                       [](const Finding& finding) { return finding.reason == Reason::stopped; });
  };
  const auto missing = [](const CollectedEntry& one) { return one.missing && one.missing->reason == Reason::stopped; };
  return std::any_of(entry.checks.begin(), entry.checks.end(), stopped) ||
         std::any_of(entry.collected.begin(), entry.collected.end(), missing);
}

}  // namespace audit::cli
