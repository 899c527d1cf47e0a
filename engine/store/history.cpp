#include "store/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>

#include "base/fingerprint.hpp"
#include "base/text.hpp"
#include "store/check_spool.hpp"
#include "store/segment.hpp"

namespace audit::store {
namespace {

constexpr const char* columns =
    "SELECT number, id, inventory, scope, started, finished, state, stopped_by, pinned, planned, counts, "
    "(SELECT coalesce(sum(length(body)), 0) FROM segments WHERE run = runs.number) FROM runs ";

WallTime time_of(const SQLite::Column& column) { return WallTime(WallTime::duration(column.getInt64())); }

RunRow row_of(SQLite::Statement& statement) {
  RunRow row;
  row.number = statement.getColumn(0).getInt64();
  row.id = statement.getColumn(1).getString();
  row.inventory = statement.getColumn(2).getString();
  row.scope = statement.getColumn(3).getString();
  row.started = time_of(statement.getColumn(4));
  if (!statement.getColumn(5).isNull()) row.finished = time_of(statement.getColumn(5));
  row.state = statement.getColumn(6).getString();
  row.stopped_by = statement.getColumn(7).getString();
  row.pinned = statement.getColumn(8).getInt() != 0;
  row.planned = static_cast<std::uint64_t>(statement.getColumn(9).getInt64());
  row.counts = statement.getColumn(10).getString();
  row.bytes = static_cast<std::uint64_t>(statement.getColumn(11).getInt64());
  return row;
}

/// The number after "pass=" in "pass=10 fail=1"; 0 where it is not there.
std::uint64_t counted_as(std::string_view counts, std::string_view name) {
  while (!counts.empty()) {
    const std::string_view word = counts.substr(0, counts.find(' '));
    counts.remove_prefix(std::min(word.size() + 1, counts.size()));
    std::uint64_t count = 0;
    if (!word.starts_with(name) || word.substr(name.size(), 1) != "=") continue;
    const std::string_view digits = word.substr(name.size() + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    return count;
  }
  return 0;
}

std::string_view bytes_of(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

Error damaged(const std::string& directory, const RunRow& run, const std::string& what) {
  return {Reason::local_fault,
          fmt::format("{}: {} of run {} cannot be read: it is damaged. `audit history check` looks "
                      "at all of them",
                      database_path(directory), what, run.id)};
}

Error no_run(const std::string& directory, const std::string& word, const std::string& why) {
  return {Reason::unresolved,
          fmt::format("{}: {} `{}`; `audit history` lists the runs", database_path(directory), why, visible(word))};
}

/// "last" 0, "last~2" 2; none where it is no such word.
std::optional<std::uint64_t> steps_back(const std::string& word) {
  if (word == "last") return 0;
  if (!word.starts_with("last~") || word.size() > 12) return std::nullopt;
  const std::string digits = word.substr(5);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(digits);
}

std::string begun_before(std::optional<WallTime> time) {
  return time ? fmt::format("AND started < {} ", time->time_since_epoch().count()) : std::string();
}

}  // namespace

std::uint64_t RunRow::of(Status status) const { return counted_as(counts, name_of(status)); }

History::History(std::unique_ptr<SQLite::Database> database, std::string directory)
    : database_(std::move(database)), directory_(std::move(directory)) {}
History::History(History&&) noexcept = default;
History::~History() = default;

Result<History> History::open(const std::string& directory, Access access) {
  Result<std::unique_ptr<SQLite::Database>> database = open_database(directory, access);
  if (!database) return database.error();
  return History(std::move(*database), directory);
}

Result<std::vector<RunRow>> History::runs() const {
  try {
    std::vector<RunRow> rows;
    SQLite::Statement all(*database_, std::string(columns) + "ORDER BY started DESC, number DESC");
    while (all.executeStep()) rows.push_back(row_of(all));
    return rows;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<std::optional<RunRow>> History::first(const std::string& condition,
                                             const std::vector<std::string>& values) const {
  try {
    SQLite::Statement found(*database_, columns + condition);
    for (std::size_t i = 0; i < values.size(); ++i) found.bind(static_cast<int>(i + 1), values[i]);
    std::optional<RunRow> row;
    if (found.executeStep()) row = row_of(found);
    return row;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<RunRow> History::find(const std::string& word, std::optional<WallTime> before) const {
  if (const auto back = steps_back(word)) {
    const Result<std::optional<RunRow>> row =
        first(fmt::format("WHERE state = 'complete' {}ORDER BY started DESC, number DESC LIMIT 1 OFFSET {}",
                          begun_before(before), *back),
              {});
    if (!row) return row.error();
    if (!*row) return no_run(directory_, word, "there are not so many complete runs:");
    return **row;
  }
  const Result<std::vector<RunRow>> all = runs();
  if (!all) return all.error();
  std::vector<RunRow> close;
  for (const RunRow& row : *all) {
    if (row.id == word) return row;
    if (row.id.starts_with(word)) close.push_back(row);
  }
  if (word.empty() || close.empty()) return no_run(directory_, word, "there is no run");
  if (close.size() > 1) return no_run(directory_, word, fmt::format("{} runs begin with", close.size()));
  return close.front();
}

Result<std::optional<RunRow>> History::unfinished(const std::string& inventory) const {
  return first("WHERE inventory = ? AND state != 'complete' ORDER BY started DESC, number DESC LIMIT 1", {inventory});
}

Result<std::optional<RunRow>> History::last_complete(const std::string& scope, std::optional<WallTime> before) const {
  return first(fmt::format("WHERE scope = ? AND state = 'complete' {}ORDER BY started DESC, number DESC LIMIT 1",
                           begun_before(before)),
               {scope});
}

Result<RunStart> History::start_of(const RunRow& run) const {
  try {
    SQLite::Statement found(*database_, "SELECT start FROM runs WHERE number = ?");
    found.bind(1, run.number);
    if (!found.executeStep()) return no_run(directory_, run.id, "there is no run");
    const Result<std::string> bytes = unpack(bytes_of(found.getColumn(0)));
    std::optional<RunStart> start = bytes ? read_start(*bytes) : std::nullopt;
    if (!start) return damaged(directory_, run, "the start");
    return std::move(*start);
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<RunRecord> History::head_of(const RunRow& run) const {
  try {
    SQLite::Statement found(*database_, "SELECT head FROM runs WHERE number = ?");
    found.bind(1, run.number);
    if (!found.executeStep()) return no_run(directory_, run.id, "there is no run");
    if (found.getColumn(0).isNull())
      return Error(Reason::local_fault,
                   fmt::format("{}: run {} has not ended: it goes on, or it was killed, and `audit INVENTORY --resume` "
                               "brings it to its end",
                               database_path(directory_), run.id));
    const Result<std::string> bytes = unpack(bytes_of(found.getColumn(0)));
    std::optional<RunRecord> record = bytes ? read_head(*bytes) : std::nullopt;
    if (!record) return damaged(directory_, run, "the head");
    return std::move(*record);
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<std::uint64_t> History::read(const RunRow& run,
                                    const std::function<void(Entry&&, bool provisional)>& each) const {
  const Result<RunStart> start = start_of(run);
  if (!start) return start.error();
  std::unordered_map<std::uint64_t, std::size_t> met;  // ordinals, and what their record was
  std::uint64_t differing = 0;
  try {
    SQLite::Statement segments(*database_,
                               "SELECT number, provisional, body FROM segments WHERE run = ? ORDER BY number");
    segments.bind(1, run.number);
    while (segments.executeStep()) {
      const std::string name = fmt::format("segment {}", segments.getColumn(0).getInt64());
      const bool provisional = segments.getColumn(1).getInt() != 0;
      bool good = true;
      const Result<void> whole = read_segment(bytes_of(segments.getColumn(2)), [&](std::string_view bytes) {
        std::optional<Entry> entry = read_entry(bytes, start->rules);
        good = entry.has_value();
        if (!entry) return false;
        if (entry->kind != Entry::Kind::dark) {
          const std::size_t digest = std::hash<std::string_view>()(bytes);
          const auto [place, fresh] = met.emplace(entry->ordinal, digest);
          if (!fresh) {
            if (place->second != digest) ++differing;
            return true;
          }
        }
        each(std::move(*entry), provisional);
        return true;
      });
      if (!whole || !good) return damaged(directory_, run, name);
    }
    return differing;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<void> History::read_parts(const RunRow& run, const std::function<void(Part&&)>& each) const {
  const Result<RunStart> start = start_of(run);
  if (!start) return start.error();
  try {
    if (!database_->tableExists("parts")) return {};  // of version 1, which nobody has written to since
    SQLite::Statement parts(*database_, "SELECT number, body FROM parts WHERE run = ? ORDER BY target, number");
    parts.bind(1, run.number);
    while (parts.executeStep()) {
      const Result<std::string> bytes = unpack(bytes_of(parts.getColumn(1)));
      std::optional<Part> part = bytes ? read_part(*bytes, start->rules.size()) : std::nullopt;
      if (!part) return damaged(directory_, run, fmt::format("part {}", parts.getColumn(0).getInt64()));
      each(std::move(*part));
    }
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<void> History::targets(const RunRow& run, const std::function<void(const TargetRecord&)>& each) const {
  try {
    SQLite::Statement segments(*database_, "SELECT number, body FROM segments WHERE run = ? ORDER BY number");
    segments.bind(1, run.number);
    while (segments.executeStep()) {
      bool good = true;
      const Result<void> whole = read_segment(bytes_of(segments.getColumn(1)), [&](std::string_view bytes) {
        const std::optional<Entry> entry = read_entry_record(bytes);
        good = entry.has_value();
        if (entry && entry->kind == Entry::Kind::target) each(entry->record);
        return good;
      });
      if (!whole || !good) return damaged(directory_, run, fmt::format("segment {}", segments.getColumn(0).getInt64()));
    }
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<RunRecord> History::load(const RunRow& run) const {
  Result<RunRecord> record = head_of(run);
  if (!record) return record.error();
  const auto checks = std::make_shared<CheckSpool>();
  const Result<std::uint64_t> whole = read(run, [&](Entry&& entry, bool) {
    checks->add(entry.checks);
    if (entry.kind == Entry::Kind::target) record->targets.push_back(std::move(entry.record));
  });
  if (!whole) return whole.error();
  std::sort(record->targets.begin(), record->targets.end(),
            [](const TargetRecord& a, const TargetRecord& b) { return a.ordinal < b.ordinal; });
  checks->seal();
  record->checks = CheckList(std::shared_ptr<const KeptChecks>(checks));
  if (record->checks.size() != record->summary.planned)
    return damaged(
        directory_, run,
        fmt::format("{} of {} checks", record->summary.planned - record->checks.size(), record->summary.planned));
  Result<std::map<std::string, WallTime>> first = first_seen(run);
  if (!first) return first.error();
  record->first_seen = std::move(*first);
  record->assess_controls();
  return record;
}

Result<std::vector<Notification>> History::notifications(const RunRow& run) const {
  try {
    std::vector<Notification> all;
    SQLite::Statement rows(*database_,
                           "SELECT notifier, condition, attempts, delivered, message FROM notifications WHERE run = ? "
                           "ORDER BY rowid");
    rows.bind(1, run.number);
    while (rows.executeStep())
      all.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getString(), rows.getColumn(2).getUInt(),
                     rows.getColumn(3).getInt() != 0, rows.getColumn(4).getString()});
    return all;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<void> History::note(const RunRow& run, const Notification& notification) {
  try {
    SQLite::Statement insert(*database_, "INSERT INTO notifications VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, run.number);
    insert.bind(2, notification.notifier);
    insert.bind(3, notification.condition);
    insert.bind(4, static_cast<std::int64_t>(notification.attempts));
    insert.bind(5, notification.delivered ? 1 : 0);
    insert.bind(6, notification.message);
    insert.exec();
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<std::optional<History::Seen>> History::seen(const std::string& key) const {
  try {
    SQLite::Statement found(*database_,
                            "SELECT first_run, first_time, last_run, last_time FROM seen WHERE fingerprint = ?");
    found.bind(1, key);
    std::optional<Seen> seen;
    if (found.executeStep())
      seen = Seen{found.getColumn(0).getString(), time_of(found.getColumn(1)), found.getColumn(2).getString(),
                  time_of(found.getColumn(3))};
    return seen;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<std::map<std::string, WallTime>> History::first_seen(const RunRow& run) const {
  try {
    std::map<std::string, WallTime> first;
    SQLite::Statement rows(*database_, "SELECT fingerprint, status FROM findings WHERE run = ?");
    SQLite::Statement found(*database_, "SELECT first_time FROM seen WHERE fingerprint = ?");
    rows.bind(1, run.number);
    while (rows.executeStep()) {
      const std::optional<Status> status = parse_status(rows.getColumn(1).getString());
      if (!status) continue;
      std::string key = seen_key(rows.getColumn(0).getString(), *status);
      found.reset();
      found.bind(1, key);
      // What only a run that began later has told first is not known of this one, now or ever.
      if (!found.executeStep()) continue;
      const WallTime time = time_of(found.getColumn(0));
      if (time <= run.started) first.emplace(std::move(key), time);
    }
    return first;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<void> History::pin(const RunRow& run, bool pinned) {
  try {
    database_->exec(fmt::format("UPDATE runs SET pinned = {} WHERE number = {}", pinned ? 1 : 0, run.number));
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<void> History::remove(const RunRow& run) {
  try {
    database_->exec(fmt::format("DELETE FROM runs WHERE number = {}", run.number));
    return {};
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
}

Result<std::vector<RunRow>> History::prune(const Retention& retention, WallTime now, bool pretend) {
  const Result<std::vector<RunRow>> all = runs();
  if (!all) return all.error();
  std::vector<RunRow> gone;
  std::map<std::string, std::uint64_t> kept;  // by inventory
  std::set<std::string> compared;             // scopes whose last complete run was met
  std::uint64_t bytes = 0;
  for (const RunRow& run : *all) {
    const bool last = run.state == "complete" && compared.insert(run.scope).second;
    const bool beyond = (retention.runs && kept[run.inventory] >= *retention.runs) ||
                        (retention.age && now - run.started > *retention.age) ||
                        (retention.bytes && bytes + run.bytes > *retention.bytes);
    const bool may_go_on = run.state == "unfinished" && kept[run.inventory] == 0;
    if (beyond && !last && !run.pinned && !may_go_on) {
      gone.push_back(run);
      continue;
    }
    ++kept[run.inventory];
    bytes += run.bytes;
  }
  if (pretend || gone.empty()) return gone;
  for (const RunRow& run : gone)
    if (Result<void> removed = remove(run); !removed) return removed.error();
  try {
    database_->exec("VACUUM");
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
  return gone;
}

Result<std::vector<std::string>> History::check() const {
  std::vector<std::string> wrong;
  try {
    SQLite::Statement pragma(*database_, "PRAGMA integrity_check(20)");
    while (pragma.executeStep())
      if (const std::string said = pragma.getColumn(0).getString(); said != "ok") wrong.push_back(said);
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory_, fault);
  }
  const Result<std::vector<RunRow>> all = runs();
  if (!all) return all.error();
  for (const RunRow& run : *all) {
    if (run.state != "unfinished") {
      if (const Result<RunRecord> record = load(run); !record) wrong.push_back(record.error().message);
    } else if (const Result<std::uint64_t> read_all = read(run, [](Entry&&, bool) {}); !read_all) {
      wrong.push_back(read_all.error().message);
    }
    if (const Result<void> parts = read_parts(run, [](Part&&) {}); !parts) wrong.push_back(parts.error().message);
  }
  return wrong;
}

}  // namespace audit::store
