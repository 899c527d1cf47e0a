#include "store/journal.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/fingerprint.hpp"
#include "store/database.hpp"
#include "store/segment.hpp"

namespace audit::store {
namespace {

constexpr std::size_t longest_message = 1'000;  // in a row; the segment has all of it

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }

Error unknown_run(const std::string& directory, const std::string& id) {
  return {Reason::local_fault, fmt::format("{}: there is no unfinished run {}", database_path(directory), id)};
}

std::string counts_of(const Summary& summary) {
  std::string text;
  for (const Status status : all_statuses)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name_of(status), summary.of(status));
  return text;
}

std::int64_t next_number(SQLite::Database& database, const char* table, std::int64_t run) {
  return database.execAndGet(fmt::format("SELECT coalesce(max(number) + 1, 0) FROM {} WHERE run = {}", table, run))
      .getInt64();
}

/// The columns of `probes`, in this order.
void bind_counters(SQLite::Statement& statement, int first, const ProbeCounters& counters) {
  for (const std::uint64_t count :
       {counters.asked, counters.sent, counters.shared, counters.evicted, counters.retried, counters.local_faults})
    statement.bind(first++, static_cast<std::int64_t>(count));
}

/// Of a run; all 0 where none were committed.
ProbeCounters read_counters(SQLite::Database& database, std::int64_t run) {
  SQLite::Statement find(database,
                         "SELECT asked, sent, shared, evicted, retried, local_faults FROM probes WHERE run = ?");
  find.bind(1, run);
  ProbeCounters counters;
  if (!find.executeStep()) return counters;
  int column = 0;
  for (std::uint64_t* count : {&counters.asked, &counters.sent, &counters.shared, &counters.evicted, &counters.retried,
                               &counters.local_faults})
    *count = static_cast<std::uint64_t>(find.getColumn(column++).getInt64());
  return counters;
}

}  // namespace

/// A result that lists and comparisons ask for.
struct Journal::Row {
  std::string fingerprint;
  Status status = Status::fail;
  Severity severity = Severity::info;
  std::string rule;
  std::string target;
  std::string endpoint;
  std::string key;
  std::string message;
};

/// What waits to be committed together.
struct Journal::Batch {
  std::vector<Segment> final;
  std::vector<Segment> provisional;
  std::vector<Row> rows;
  struct OpenPart {
    std::uint64_t ordinal;  // of the member
    std::size_t ended;      // checks
    std::string bytes;
  };
  std::vector<OpenPart> parts;        // in their order
  std::vector<std::uint64_t> closed;  // members whose parts have had their time
  ProbeCounters counted;
  std::size_t bytes = 0;

  [[nodiscard]] bool empty() const noexcept { return bytes == 0; }
  void add(std::string_view record, bool for_now) {
    std::vector<Segment>& list = for_now ? provisional : final;
    if (list.empty() || list.back().size() >= Segment::usual_size) list.emplace_back();
    list.back().add(record);
    bytes += record.size();
  }
  void close(std::uint64_t ordinal) {
    std::erase_if(parts, [&](const auto& part) { return part.ordinal == ordinal; });
    closed.push_back(ordinal);
  }
};

Journal::Journal(std::unique_ptr<SQLite::Database> database, std::string directory, std::int64_t run, std::string id,
                 WallTime started)
    : database_(std::move(database)), directory_(std::move(directory)), run_(run), id_(std::move(id)),
      started_(started), waiting_(std::make_unique<Batch>()) {}

Journal::~Journal() { end_thread(); }

Result<std::unique_ptr<Journal>> Journal::begin(const std::string& directory, const RunStart& start) {
  Result<std::unique_ptr<SQLite::Database>> database = open_database(directory, Access::create);
  if (!database) return database.error();
  try {
    const std::string bytes = pack(write_start(start));
    SQLite::Statement insert(**database,
                             "INSERT INTO runs (id, inventory, scope, started, state, start) VALUES (?, ?, ?, ?, "
                             "'unfinished', ?)");
    insert.bind(1, start.id);
    insert.bind(2, start.inventory);
    insert.bind(3, start.scope);
    insert.bind(4, milliseconds(start.started));
    insert.bind(5, bytes.data(), static_cast<int>(bytes.size()));
    insert.exec();
    const std::int64_t run = (*database)->getLastInsertRowid();
    return Journal::start(
        std::unique_ptr<Journal>(new Journal(std::move(*database), directory, run, start.id, start.started)));
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory, fault);
  }
}

Result<std::unique_ptr<Journal>> Journal::resume(const std::string& directory, const std::string& id) {
  Result<std::unique_ptr<SQLite::Database>> database = open_database(directory, Access::create);
  if (!database) return database.error();
  try {
    SQLite::Transaction transaction(**database);
    SQLite::Statement find(**database, "SELECT number, started FROM runs WHERE id = ? AND state != 'complete'");
    find.bind(1, id);
    if (!find.executeStep()) return unknown_run(directory, id);
    const std::int64_t run = find.getColumn(0).getInt64();
    const WallTime started(WallTime::duration(find.getColumn(1).getInt64()));
    find.reset();
    (*database)->exec(fmt::format("DELETE FROM segments WHERE run = {} AND provisional = 1", run));
    (*database)->exec(fmt::format(
        "UPDATE runs SET state = 'unfinished', finished = NULL, stopped_by = '', head = NULL WHERE number = {}", run));
    transaction.commit();
    std::unique_ptr<Journal> journal(new Journal(std::move(*database), directory, run, id, started));
    journal->counted_before_ = read_counters(*journal->database_, run);
    journal->next_segment_ = next_number(*journal->database_, "segments", run);
    journal->next_part_ = next_number(*journal->database_, "parts", run);
    SQLite::Statement parts(*journal->database_, "SELECT DISTINCT target FROM parts WHERE run = ?");
    parts.bind(1, run);
    while (parts.executeStep()) journal->in_parts_.insert(static_cast<std::uint64_t>(parts.getColumn(0).getInt64()));
    return start(std::move(journal));
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory, fault);
  }
}

std::unique_ptr<Journal> Journal::start(std::unique_ptr<Journal> journal) {
  journal->thread_ = std::thread([raw = journal.get()] { raw->write_all(); });
  return journal;
}

void Journal::on_broken(Broken broken) {
  std::unique_lock lock(mutex_);
  broken_ = std::move(broken);
  if (!failure_ || !broken_) return;
  const Error failure = *failure_;
  lock.unlock();
  broken_(failure);
}

void Journal::add(const Entry& entry) { add(entry, false); }
void Journal::add_provisional(const Entry& entry) { add(entry, true); }

void Journal::add(const Entry& entry, bool provisional) {
  thread_local std::string bytes;  // grown once: records are written all the time
  bytes.clear();
  write_entry(entry, bytes);
  std::vector<Row> rows;
  if (!provisional)
    for (const Check& check : entry.checks)
      for (const Finding& finding : check.results)
        if (is_remembered(finding.status))
          rows.push_back({fingerprint_of(check, finding), finding.status, finding.severity, check.rule, check.target,
                          finding.endpoint, finding.key, finding.message.substr(0, longest_message)});
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_->bytes < most_waiting || failure_; });
  if (failure_) return;
  const std::size_t before = waiting_->bytes;
  waiting_->add(bytes, provisional);
  std::move(rows.begin(), rows.end(), std::back_inserter(waiting_->rows));
  if (!provisional && !in_parts_.empty() && in_parts_.erase(entry.ordinal) > 0) waiting_->close(entry.ordinal);
  const bool tell = before == 0 || (before < Segment::usual_size && waiting_->bytes >= Segment::usual_size);
  lock.unlock();
  if (tell) changed_.notify_all();
}

void Journal::add_part(const Part& part) {
  std::string bytes;
  write_part(part, bytes);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_->bytes < most_waiting || failure_; });
  if (failure_) return;
  in_parts_.insert(part.ordinal);
  const bool tell = waiting_->parts.empty();
  waiting_->bytes += bytes.size();
  waiting_->parts.push_back({part.ordinal, part.checks.size() + part.collected.size(), std::move(bytes)});
  lock.unlock();
  if (tell) changed_.notify_all();
}

void Journal::count(const ProbeCounters& counted) {
  const std::lock_guard lock(mutex_);
  waiting_->counted += counted;
}

void Journal::write_all() {
  std::unique_lock lock(mutex_);
  const auto full = [&] { return ended_ || waiting_->bytes >= Segment::usual_size; };
  while (true) {
    changed_.wait(lock, [&] { return ended_ || !waiting_->empty(); });
    changed_.wait_for(lock, longest_wait, [&] { return full() || !waiting_->parts.empty(); });
    if (!waiting_->parts.empty()) changed_.wait_for(lock, parts_wait, full);
    if (waiting_->empty() && ended_) return;
    std::unique_ptr<Batch> batch = std::exchange(waiting_, std::make_unique<Batch>());
    lock.unlock();
    changed_.notify_all();
    try {
      commit(*batch);
    } catch (const SQLite::Exception& fault) {
      break_off(fault_of(directory_, fault));
      return;
    } catch (const std::exception& fault) {
      break_off(Error(Reason::local_fault, fmt::format("{}: {}", database_path(directory_), fault.what())));
      return;
    }
    lock.lock();
  }
}

void Journal::commit(Batch& batch) {
  SQLite::Transaction transaction(*database_);
  commit_segments(batch);
  commit_parts(batch);
  commit_rows(batch);
  commit_counts(batch);
  transaction.commit();
}

void Journal::commit_counts(const Batch& batch) {
  if (batch.counted == ProbeCounters()) return;
  SQLite::Statement more(
      *database_,
      "INSERT INTO probes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET asked = asked "
      "+ excluded.asked, sent = sent + excluded.sent, shared = shared + excluded.shared, evicted = "
      "evicted + excluded.evicted, retried = retried + excluded.retried, local_faults = "
      "local_faults + excluded.local_faults");
  more.bind(1, run_);
  bind_counters(more, 2, batch.counted);
  more.exec();
}

void Journal::commit_segments(Batch& batch) {
  SQLite::Statement segment(*database_,
                            "INSERT INTO segments (run, number, provisional, records, body) VALUES (?, ?, ?, ?, ?)");
  const auto put = [&](std::vector<Segment>& list, bool provisional) {
    for (Segment& one : list) {
      segment.bind(1, run_);
      segment.bind(2, next_segment_++);
      segment.bind(3, provisional ? 1 : 0);
      segment.bind(4, static_cast<std::int64_t>(one.records()));
      const std::string body = one.seal();
      segment.bind(5, body.data(), static_cast<int>(body.size()));
      segment.exec();
      segment.reset();
    }
  };
  put(batch.final, false);
  put(batch.provisional, true);
}

void Journal::commit_parts(const Batch& batch) {
  if (batch.parts.empty() && batch.closed.empty()) return;
  SQLite::Statement part(*database_, "INSERT INTO parts (run, target, number, ended, body) VALUES (?, ?, ?, ?, ?)");
  for (const Batch::OpenPart& one : batch.parts) {
    const std::string body = pack(one.bytes);
    part.bind(1, run_);
    part.bind(2, static_cast<std::int64_t>(one.ordinal));
    part.bind(3, next_part_++);
    part.bind(4, static_cast<std::int64_t>(one.ended));
    part.bind(5, body.data(), static_cast<int>(body.size()));
    part.exec();
    part.reset();
  }
  SQLite::Statement closed(*database_, "DELETE FROM parts WHERE run = ? AND target = ?");
  for (const std::uint64_t ordinal : batch.closed) {
    closed.bind(1, run_);
    closed.bind(2, static_cast<std::int64_t>(ordinal));
    closed.exec();
    closed.reset();
  }
}

void Journal::commit_rows(const Batch& batch) {
  SQLite::Statement finding(*database_, "INSERT OR IGNORE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  SQLite::Statement seen(
      *database_,
      "INSERT INTO seen VALUES (?1, ?2, ?3, ?2, ?3) ON CONFLICT (fingerprint) DO UPDATE SET last_run "
      "= excluded.last_run, last_time = excluded.last_time WHERE excluded.last_time >= last_time");
  for (const Row& row : batch.rows) {
    finding.bind(1, run_);
    finding.bind(2, row.fingerprint);
    finding.bind(3, std::string(name_of(row.status)));
    finding.bind(4, std::string(name_of(row.severity)));
    finding.bind(5, row.rule);
    finding.bind(6, row.target);
    finding.bind(7, row.endpoint);
    finding.bind(8, row.key);
    finding.bind(9, row.message);
    finding.exec();
    finding.reset();
    seen.bind(1, seen_key(row.fingerprint, row.status));
    seen.bind(2, id_);
    seen.bind(3, milliseconds(started_));
    seen.exec();
    seen.reset();
  }
}

void Journal::break_off(Error why) {
  Broken broken;
  {
    const std::lock_guard lock(mutex_);
    failure_ = why;
    broken = broken_;
  }
  changed_.notify_all();
  if (broken) broken(why);
}

void Journal::end_thread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<void> Journal::finish(const RunRecord& record) {
  end_thread();
  if (failure_) return *failure_;
  try {
    const std::string head = pack(write_head(record));
    SQLite::Statement update(
        *database_,
        "UPDATE runs SET finished = ?, state = ?, stopped_by = ?, planned = ?, counts = ?, head = ? "
        "WHERE number = ?");
    update.bind(1, milliseconds(record.run.finished));
    update.bind(2, record.run.complete ? "complete" : "stopped");
    update.bind(3, record.run.stopped_by);
    update.bind(4, static_cast<std::int64_t>(record.summary.planned));
    update.bind(5, counts_of(record.summary));
    update.bind(6, head.data(), static_cast<int>(head.size()));
    update.bind(7, run_);
    SQLite::Statement counted(*database_, "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)");
    counted.bind(1, run_);
    bind_counters(counted, 2, record.summary.probes);
    SQLite::Transaction transaction(*database_);
    update.exec();
    counted.exec();
    if (record.run.complete) database_->exec(fmt::format("DELETE FROM parts WHERE run = {}", run_));
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

}  // namespace audit::store
