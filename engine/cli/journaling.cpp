#include "cli/journaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "cli/journal_entry.hpp"
#include "cli/journal_part.hpp"
#include "cli/version.hpp"

namespace audit::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

/// Rules, libraries and the program by what they are, so that a resumed run asks what the first part of it asked.
void describe_rules(const core::Plan& plan, store::RunStart& start) {
  start.made_of["audit"] = version;
  for (const core::PlannedRule& rule : plan.rules) {
    start.rules.push_back(rule.record.id);
    start.made_of["rule " + rule.record.id] = rule.record.sha256;
  }
  for (const auto& rule : plan.rule_set.rules)
    for (const auto& [name, source] : rule->modules)
      start.made_of[fmt::format("{}, which {} requires", name, rule->record.id)] = sha256_hex(source);
  for (const auto& [name, source] : plan.rule_set.modules) start.made_of["scripts/" + name] = sha256_hex(source);
}

/// Entries on their way from who reads them to who takes them in: each is half of the work.
class EntryQueue {
 public:
  void put(store::Entry&& entry) {
    filling_.push_back(std::move(entry));
    if (filling_.size() == batch) hand_over();
  }
  void end() {
    hand_over();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  /// The next ones; none where all have been taken.
  std::vector<store::Entry> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !ready_.empty(); });
    if (ready_.empty()) return {};
    std::vector<store::Entry> next = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return next;
  }

 private:
  static constexpr std::size_t batch = 512;
  static constexpr std::size_t most_ready = 16;
  void hand_over() {
    if (filling_.empty()) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.size() < most_ready; });
    ready_.push_back(std::exchange(filling_, {}));
    changed_.notify_all();
  }

  std::vector<store::Entry> filling_;  // the reader's own
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<store::Entry>> ready_;
  bool ended_ = false;
};

}  // namespace

std::string inventory_key(const Sources& sources) {
  if (sources.inventory.empty()) return "--target " + joined(sources.targets);
  if (sources.inventory == "-") return "-";
  std::error_code failure;
  const std::filesystem::path path = std::filesystem::weakly_canonical(sources.inventory, failure);
  return failure ? sources.inventory : path.string();
}

store::RunStart start_of(const core::Plan& plan, const Sources& sources) {
  store::RunStart start;
  start.inventory = inventory_key(sources);
  start.seed = plan.seed;
  const inventory::Inventory& inventory = *plan.inventory;
  if (inventory.files.empty()) start.made_of["the inventory"] = inventory.sha256;
  for (const auto& file : inventory.files) start.made_of[file.path] = file.sha256;
  for (const SourceRecord& source : inventory.sources)
    start.made_of["source " + (source.path.empty() ? joined(source.command) : source.path)] = source.sha256;
  const std::string select = sources.select.empty() ? inventory.select : sources.select;
  start.made_of["--select"] = select;
  start.made_of["--limit"] = joined(sources.limit);
  describe_rules(plan, start);
  start.earlier_run = plan.earlier.run();
  start.earlier_targets = plan.earlier.bytes();
  start.sources = inventory.expanded;
  start.scope = sha256_hex(fmt::format("{}\n{}\n{}\n", start.inventory, select, joined(sources.limit)));
  return start;
}

Result<store::RunStart> unfinished_run(const std::string& directory, const std::string& inventory) {
  const Result<store::History> history = store::History::open(directory);
  if (!history) return history.error();
  const Result<std::optional<store::RunRow>> run = history->unfinished(inventory);
  if (!run) return run.error();
  if (!*run)
    return Error(Reason::unresolved, fmt::format("{}: there is no run of {} that has not come to its end",
                                                 visible(store::database_path(directory)), visible(inventory)));
  return history->start_of(**run);
}

Result<std::unique_ptr<Journaling>> Journaling::open(const std::string& directory, store::RunStart start,
                                                     bool resumed) {
  Result<std::unique_ptr<store::Journal>> journal =
      resumed ? store::Journal::resume(directory, start.id) : store::Journal::begin(directory, start);
  if (!journal) return journal.error();
  std::unique_ptr<Journaling> journaling(new Journaling(directory, std::move(start), resumed));
  journaling->journal_ = std::move(*journal);
  return journaling;
}

Result<std::uint64_t> Journaling::restore(core::RunShared& shared) {
  if (!resumed_) return std::uint64_t{0};
  const Result<store::History> history = store::History::open(directory_);
  if (!history) return history.error();
  const Result<store::RunRow> run = history->find(start_.id);
  if (!run) return run.error();
  const inventory::Expansion& members = *shared.plan.expansion;
  std::uint64_t restored = 0;
  EntryQueue queue;
  Result<void> read;
  std::thread reader([&] {
    const Result<std::uint64_t> whole =
        history->read(*run, [&](store::Entry&& entry, bool) { queue.put(std::move(entry)); });
    if (!whole) read = whole.error();
    queue.end();
  });
  for (std::vector<store::Entry> batch = queue.take(); !batch.empty(); batch = queue.take())
    for (store::Entry& entry : batch) {
      if (entry.kind == store::Entry::Kind::run) {
        shared.sink.conclude(run_message_of(std::move(entry)));
        shared.judged_already = true;
      } else if (entry.ordinal < members.size()) {
        const inventory::Member member = members.at_ordinal(entry.ordinal);
        shared.restore(message_of(std::move(entry), member));
        ++restored;
      }
    }
  reader.join();
  if (!read) return read.error();
  if (Result<void> parts = restore_parts(shared, *history, *run); !parts) return parts.error();
  return restored;
}

Result<void> Journaling::restore_parts(core::RunShared& shared, const store::History& history,
                                       const store::RunRow& run) const {
  const inventory::Expansion& members = *shared.plan.expansion;
  return history.read_parts(run, [&](store::Part&& part) {
    if (part.ordinal == store::Part::of_run)
      shared.earlier.take(message_of(std::move(part), {}, start_.rules));
    else if (part.ordinal < members.size() && !shared.restored.contains(part.ordinal))
      shared.earlier.take(message_of(std::move(part), members.at_ordinal(part.ordinal), start_.rules));
  });
}

void Journaling::begin(Collector& collector, const Scrubber& scrubber, store::Journal::Broken broken) {
  scrubber_ = &scrubber;
  journal_->on_broken(std::move(broken));
  collector.keep_with(this);
}

void Journaling::end(Collector& collector) {
  collector.keep_with(nullptr);
  journal_->on_broken({});
}

Result<std::map<std::string, WallTime>> Journaling::first_seen() const {
  const Result<store::History> history = store::History::open(directory_);
  if (!history) return history.error();
  const Result<store::RunRow> run = history->find(start_.id);
  if (!run) return run.error();
  return history->first_seen(*run);
}

void Journaling::add(const store::Entry& entry) {
  if (was_cut_off(entry))
    journal_->add_provisional(entry);
  else
    journal_->add(entry);
}

void Journaling::scrub(store::CollectedEntry& collected) const {
  for (store::CollectedEntry::Item& item : collected.items) {
    (void)scrubber_->scrub(item.value);
    scrubber_->scrub(item.observation);
  }
  scrubber_->scrub(collected.witness);
  if (collected.missing) (void)scrubber_->scrub(collected.missing->message);
}

/// An answer that a secret stands in is not kept at all: without it, rules would be told something else than was answered.
void Journaling::scrub(store::Part& part) const {
  if (scrubber_->empty()) return;
  scrubber_->scrub(part.checks);
  for (store::CollectedEntry& collected : part.collected) scrub(collected);
  std::erase_if(part.answers, [&](store::Part::Answer& answer) {
    const auto changes = [&](ObservationPtr observation) {
      const ObservationPtr before = observation;
      scrubber_->scrub(observation);
      return observation != before;
    };
    Value fields = answer.fields;
    std::string key = answer.key;
    std::string message = answer.error ? answer.error->message : "";
    return scrubber_->scrub(fields) || scrubber_->scrub(key) || scrubber_->scrub(message) ||
           changes(answer.observation) || std::any_of(answer.record.begin(), answer.record.end(), changes);
  });
}

void Journaling::keep(const core::PartMessage& part) {
  journal_->count(part.counted);
  store::Part kept = part_of(part);
  scrub(kept);
  journal_->add_part(kept);
}

void Journaling::keep(core::TargetMessage& message) {
  journal_->count(message.counted);
  if (message.fate == core::Fate::unasked) return;
  store::Entry entry = entry_of(message);
  for (store::CollectedEntry& collected : entry.collected) scrub(collected);
  add(entry);
  give_back(std::move(entry), message);
}

void Journaling::keep(core::RunMessage& message) {
  store::Entry entry = entry_of(message);
  add(entry);
  give_back(std::move(entry), message);
}

}  // namespace audit::cli
