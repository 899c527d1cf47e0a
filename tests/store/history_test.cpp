#include "store/history.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "store/journal.hpp"
#include "stored.hpp"

namespace audit::store {
namespace {

const WallTime noon(std::chrono::milliseconds(1'795'000'000'000));

/// One complete run a day, the newest first in lists; returns ids.
void add_run(const StateFolder& folder, const std::string& id, int day, bool complete = true, std::uint32_t seed = 5) {
  RunRecord record = storable(seed);
  record.run.complete = complete;
  record.run.finished = noon + std::chrono::hours(24 * day);
  Result<std::unique_ptr<Journal>> journal =
      Journal::begin(folder.path(), start_of(record, id, noon + std::chrono::hours(24 * day)));
  REQUIRE(journal);
  for (const Entry& entry : entries_of(record)) (*journal)->add(entry);
  REQUIRE((*journal)->finish(record));
}

std::vector<std::string> ids(const std::vector<RunRow>& rows) {
  std::vector<std::string> list;
  for (const RunRow& row : rows) list.push_back(row.id);
  return list;
}

History opened(const StateFolder& folder, Access access = Access::create) {
  Result<History> history = History::open(folder.path(), access);
  if (!history) UNSCOPED_INFO(history.error().message);
  REQUIRE(history);
  return std::move(*history);
}

std::string complaint(const StateFolder& folder) {
  const Result<History> history = History::open(folder.path());
  REQUIRE_FALSE(history);
  return history.error().message;
}

}  // namespace

TEST_CASE("runs are listed the newest first, and found by id, by its beginning, and by last") {
  const StateFolder folder;
  add_run(folder, "a-1", 1);
  add_run(folder, "a-2", 3);
  add_run(folder, "b-1", 2, false);
  const History history = opened(folder);
  const auto runs = history.runs();
  REQUIRE(runs);
  CHECK(ids(*runs) == std::vector<std::string>{"a-2", "b-1", "a-1"});
  const auto id_of = [&](const std::string& word) {
    const Result<RunRow> row = history.find(word);
    return row ? row->id : "";
  };
  CHECK(id_of("b") == "b-1");
  CHECK(id_of("last") == "a-2");
  CHECK(id_of("last~1") == "a-1");
  CHECK(id_of("last~2").empty());
  CHECK(id_of("last~99999999999").empty());
  CHECK(id_of("a").empty());  // two begin so
  CHECK(id_of("").empty());
  const auto unfinished = history.unfinished("/etc/audit/campus.toml");
  REQUIRE(unfinished);
  REQUIRE(*unfinished);
  CHECK((*unfinished)->id == "b-1");
  const auto before = history.last_complete("campus", noon + std::chrono::hours(24 * 3));
  REQUIRE(before);
  REQUIRE(*before);
  CHECK((*before)->id == "a-1");
}

TEST_CASE("last is counted from a run where that is said") {
  const StateFolder folder;
  for (const int day : {1, 2, 3}) add_run(folder, "a-" + std::to_string(day), day);
  const History history = opened(folder);
  const auto id_of = [&](const std::string& word, int day) {
    const Result<RunRow> row = history.find(word, noon + std::chrono::hours(24 * day));
    return row ? row->id : "";
  };
  CHECK(id_of("last", 4) == "a-3");
  CHECK(id_of("last", 3) == "a-2");
  CHECK(id_of("last~1", 3) == "a-1");
  CHECK(id_of("last~2", 3).empty());
  CHECK(id_of("a-3", 3) == "a-3");  // an id is nobody's last
}

TEST_CASE("who was told of a run is kept with it, in order") {
  const StateFolder folder;
  add_run(folder, "a-1", 1);
  add_run(folder, "a-2", 2);
  History history = opened(folder);
  const RunRow row = *history.find("a-1");
  REQUIRE(history.note(row, {"mail", "always", 2, true, ""}));
  REQUIRE(history.note(row, {"hook", "on_failure", 5, false, "it timed out"}));
  const auto told = history.notifications(row);
  REQUIRE(told);
  REQUIRE(told->size() == 2);
  CHECK(told->front().notifier == "mail");
  CHECK(told->front().delivered);
  CHECK(told->back().attempts == 5);
  CHECK(told->back().message == "it timed out");
  CHECK(history.notifications(*history.find("a-2"))->empty());
}

TEST_CASE("a failure is known by its first run and its last") {
  const StateFolder folder;
  add_run(folder, "a-1", 1);
  add_run(folder, "a-2", 2);
  const History history = opened(folder);
  SQLite::Database database(folder.file(), SQLite::OPEN_READONLY);
  const std::string one =
      database.execAndGet("SELECT fingerprint FROM findings WHERE status = 'fail' LIMIT 1").getString();
  const auto seen = history.seen(one);
  REQUIRE(seen);
  REQUIRE(*seen);
  CHECK((*seen)->first_run == "a-1");
  CHECK((*seen)->last_run == "a-2");
  const auto never_seen = history.seen("0000");
  REQUIRE(never_seen);
  CHECK_FALSE(*never_seen);
}

TEST_CASE("a finding in other words is seen since the first run that had it, and an old run says what it said then") {
  const StateFolder folder;
  add_run(folder, "a-1", 1);
  RunRecord other = storable(5);
  for (Check& check : other.checks.held())
    for (Finding& finding : check.results) finding.message = "in other words";
  other.run.complete = true;
  const WallTime second = noon + std::chrono::hours(48);
  {
    Result<std::unique_ptr<Journal>> journal = Journal::begin(folder.path(), start_of(other, "a-2", second));
    REQUIRE(journal);
    for (const Entry& entry : entries_of(other)) (*journal)->add(entry);
    REQUIRE((*journal)->finish(other));
  }
  History history = opened(folder);
  const auto first_seen = [&](const std::string& id) {
    const Result<RunRow> row = history.find(id);
    REQUIRE(row);
    const Result<RunRecord> record = history.load(*row);
    REQUIRE(record);
    return record->first_seen;
  };
  const auto then = first_seen("a-1");
  const auto now = first_seen("a-2");
  const Result<RunRow> row = history.find("a-2");
  const Result<RunRecord> record = history.load(*row);
  std::size_t dated = 0;
  for (const Check& check : record->checks)
    for (const Finding& finding : check.results) {
      const bool remembered = finding.status == Status::fail || finding.status == Status::error;
      const std::optional<WallTime> first = record->first_seen_of(check, finding);
      if (first) ++dated;
      if (first) CHECK(*first == noon + std::chrono::hours(24));
      if (!remembered) CHECK_FALSE(first);
    }
  CHECK(dated > 3);
  CHECK(now == then);
  add_run(folder, "a-3", 3);
  CHECK(first_seen("a-1") == then);
  CHECK(first_seen("a-2") == now);
  REQUIRE(history.remove(*history.find("a-1")));
  CHECK(first_seen("a-2") == now);
}

TEST_CASE("what a run that began later told first is not said of an earlier one that was resumed after it") {
  const StateFolder folder;
  add_run(folder, "late", 5);
  add_run(folder, "early", 1);
  const History history = opened(folder);
  const Result<RunRow> early = history.find("early");
  REQUIRE(early);
  const auto seen = history.first_seen(*early);
  REQUIRE(seen);
  CHECK(seen->empty());
}

TEST_CASE("retention keeps pinned runs, and of each scope the last complete one") {
  const StateFolder folder;
  for (int day = 1; day <= 6; ++day) add_run(folder, "r-" + std::to_string(day), day, day != 6);
  History history = opened(folder);
  const Result<RunRow> second = history.find("r-2");
  REQUIRE(second);
  REQUIRE(history.pin(*second, true));
  Retention retention;
  retention.runs = 1;
  const WallTime now = noon + std::chrono::hours(24 * 7);
  const auto would = history.prune(retention, now, true);
  REQUIRE(would);
  CHECK(ids(*would) == std::vector<std::string>{"r-4", "r-3", "r-1"});
  CHECK(history.runs()->size() == 6);
  REQUIRE(history.prune(retention, now, false));
  CHECK(ids(*history.runs()) == std::vector<std::string>{"r-6", "r-5", "r-2"});
  Retention old;
  old.age = std::chrono::hours(1);
  REQUIRE(history.prune(old, now, false));
  CHECK(ids(*history.runs()) == std::vector<std::string>{"r-5", "r-2"});
  Retention small;
  small.bytes = 1;
  REQUIRE(history.prune(small, now, false));
  CHECK(ids(*history.runs()) == std::vector<std::string>{"r-5", "r-2"});
  CHECK(history.check()->empty());
}

TEST_CASE("a newer database is refused, one of somebody else's too, and one that is damaged; each is left as it is") {
  const auto after = [](const std::function<void(const StateFolder&)>& change) {
    const StateFolder folder;
    add_run(folder, "a-1", 1);
    change(folder);
    const auto bytes = [&] {
      std::ostringstream all;
      all << std::ifstream(folder.file(), std::ios::binary).rdbuf();
      return all.str();
    };
    const std::string before = bytes();
    const std::string said = complaint(folder);
    CHECK(bytes() == before);
    CHECK(said.find(folder.file()) == 0);
    return said.substr(folder.file().size());
  };
  const auto exec = [](const char* what) {
    return [what](const StateFolder& folder) {
      SQLite::Database database(folder.file(), SQLite::OPEN_READWRITE);
      database.exec(what);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    };
  };
  CHECK(after(exec("PRAGMA user_version = 99")).find("newer audit (schema 99") != std::string::npos);
  CHECK(after(exec("PRAGMA application_id = 7")).find("was not made by audit") != std::string::npos);
  CHECK(after([](const StateFolder& folder) {
          std::ofstream(folder.file(), std::ios::binary | std::ios::trunc)
              << "no database at all, but long enough to see";
        }).find("is damaged") != std::string::npos);
}

TEST_CASE("a database of the first version is read as it is, and brought up to date by who writes") {
  const StateFolder folder;
  add_run(folder, "a-1", 1, false);
  {
    SQLite::Database database(folder.file(), SQLite::OPEN_READWRITE);
    database.exec("DROP TABLE parts; DROP TABLE probes; PRAGMA user_version = 1");
  }
  const auto version = [&] {
    return SQLite::Database(folder.file(), SQLite::OPEN_READONLY).execAndGet("PRAGMA user_version").getInt();
  };
  {
    const History history = opened(folder, Access::read);
    CHECK(ids(*history.runs()) == std::vector<std::string>{"a-1"});
    CHECK(history.check()->empty());
  }
  CHECK(version() == 1);
  {
    Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "a-1");
    REQUIRE(journal);
    Part part;
    part.ordinal = 90'000;
    (*journal)->add_part(part);
  }
  CHECK(version() == schema_version);
  const History history = opened(folder);
  std::size_t parts = 0;
  REQUIRE(history.read_parts(*history.find("a-1"), [&](Part&&) { ++parts; }));
  CHECK(parts == 1);
  CHECK(history.check()->empty());
}

TEST_CASE("a part that was changed is found by check") {
  const StateFolder folder;
  add_run(folder, "a-1", 1, false);
  {
    Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "a-1");
    REQUIRE(journal);
    (*journal)->add_part(Part());
  }
  {
    SQLite::Database database(folder.file(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE parts SET body = substr(body, 1, length(body) - 3)");
  }
  const auto wrong = opened(folder).check();
  REQUIRE(wrong);
  REQUIRE(wrong->size() == 1);
  CHECK(wrong->front().find("part 0 of run a-1 cannot be read") != std::string::npos);
}

TEST_CASE("a segment that was changed is found by check, and named when the run is loaded") {
  const StateFolder folder;
  add_run(folder, "a-1", 1);
  {
    SQLite::Database database(folder.file(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE segments SET body = substr(body, 1, length(body) - 3)");
  }
  const History history = opened(folder);
  const auto wrong = history.check();
  REQUIRE(wrong);
  REQUIRE(wrong->size() == 1);
  CHECK(wrong->front().find("segment 0 of run a-1 cannot be read") != std::string::npos);
}

TEST_CASE("where nothing was kept yet the reader says so, and makes nothing") {
  const StateFolder folder;
  CHECK(complaint(folder).find("there is no history") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path()));
}

}  // namespace audit::store
