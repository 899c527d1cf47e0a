#include "store/journal.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <set>

#include "store/database.hpp"
#include "store/history.hpp"
#include "stored.hpp"

namespace audit::store {
namespace {

const WallTime noon(std::chrono::milliseconds(1'795'000'000'000));

std::unique_ptr<Journal> begun(const StateFolder& folder, const RunRecord& record, const std::string& id = "r-1") {
  Result<std::unique_ptr<Journal>> journal = Journal::begin(folder.path(), start_of(record, id, noon));
  if (!journal) UNSCOPED_INFO(journal.error().message);
  REQUIRE(journal);
  return std::move(*journal);
}

std::set<std::uint64_t> ordinals_in(const StateFolder& folder, const std::string& id) {
  const Result<History> history = History::open(folder.path());
  REQUIRE(history);
  const Result<RunRow> run = history->find(id);
  REQUIRE(run);
  std::set<std::uint64_t> ordinals;
  const Result<std::uint64_t> read = history->read(*run, [&](Entry&& entry, bool) { ordinals.insert(entry.ordinal); });
  if (!read) UNSCOPED_INFO(read.error().message);
  REQUIRE(read);
  CHECK(*read == 0);
  return ordinals;
}

}  // namespace

TEST_CASE("a run that was journaled is loaded as it was") {
  for (std::uint32_t seed = 1; seed < 20; ++seed) {
    const StateFolder folder;
    RunRecord record = storable(seed);
    record.run.complete = true;
    {
      const auto journal = begun(folder, record);
      for (const Entry& entry : entries_of(record)) journal->add(entry);
      REQUIRE(journal->finish(record));
    }
    const Result<History> history = History::open(folder.path());
    REQUIRE(history);
    const Result<RunRow> run = history->find("last");
    REQUIRE(run);
    CHECK(run->state == "complete");
    const Result<RunRecord> loaded = history->load(*run);
    if (!loaded) UNSCOPED_INFO(loaded.error().message);
    REQUIRE(loaded);
    CHECK(bytes_of(*loaded) == bytes_of(record));
  }
}

TEST_CASE("state directory and database are for nobody else to read") {
  const StateFolder folder;
  const auto journal = begun(folder, storable(1));
  struct stat about {};
  REQUIRE(stat(folder.path().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0700U);
  for (const char* end : {"", "-wal", "-shm"}) {
    REQUIRE(stat((folder.file() + end).c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("what was committed before kill -9 is there after it, and nothing half") {
  const RunRecord record = storable(5);
  const std::vector<Entry> entries = entries_of(record);
  REQUIRE(entries.size() > 3);
  for (std::size_t before = 0; before <= entries.size(); ++before) {
    const StateFolder folder;
    int told[2];
    REQUIRE(pipe(told) == 0);
    const pid_t writer = fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
      Result<std::unique_ptr<Journal>> journal = Journal::begin(folder.path(), start_of(record, "r-1", noon));
      if (!journal) _exit(1);
      for (std::size_t i = 0; i < before; ++i) (*journal)->add(entries[i]);
      // Until they are committed, as another connection sees it.
      Result<std::unique_ptr<SQLite::Database>> other = open_database(folder.path(), Access::read);
      if (!other) _exit(2);
      while ((*other)->execAndGet("SELECT coalesce(sum(records), 0) FROM segments").getInt() !=
             static_cast<int>(before))
        usleep(1'000);
      for (std::size_t i = before; i < entries.size(); ++i) (*journal)->add(entries[i]);
      (void)!write(told[1], "x", 1);
      pause();
    }
    char sign = 0;
    REQUIRE(read(told[0], &sign, 1) == 1);
    REQUIRE(kill(writer, SIGKILL) == 0);
    REQUIRE(waitpid(writer, nullptr, 0) == writer);
    close(told[0]);
    close(told[1]);
    const std::set<std::uint64_t> kept = ordinals_in(folder, "r-1");
    CHECK(kept.size() >= before);
    for (std::size_t i = 0; i < before; ++i) CHECK(kept.contains(entries[i].ordinal));
  }
}

TEST_CASE("a resumed run keeps what ended, and drops what was provisional") {
  const StateFolder folder;
  RunRecord record = storable(5);
  std::vector<Entry> entries = entries_of(record);
  REQUIRE(entries.size() > 3);
  {
    const auto journal = begun(folder, record);
    journal->add(entries[0]);
    journal->add(entries[1]);
    for (std::size_t i = 2; i < entries.size(); ++i) journal->add_provisional(entries[i]);
    record.run.complete = false;
    record.run.stopped_by = "SIGTERM";
    REQUIRE(journal->finish(record));
  }
  CHECK(ordinals_in(folder, "r-1").size() == entries.size());  // for the report of the part
  {
    Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "r-1");
    REQUIRE(journal);
    CHECK(ordinals_in(folder, "r-1") == std::set<std::uint64_t>{0, 1});
    for (std::size_t i = 2; i < entries.size(); ++i) (*journal)->add(entries[i]);
    record.run.complete = true;
    record.run.stopped_by.clear();
    REQUIRE((*journal)->finish(record));
  }
  CHECK(ordinals_in(folder, "r-1").size() == entries.size());
  CHECK_FALSE(Journal::resume(folder.path(), "r-1"));  // it has come to its end
  CHECK_FALSE(Journal::resume(folder.path(), "r-2"));
}

TEST_CASE("what was sent is counted through any number of processes, and by a dead one as far as it had committed") {
  const StateFolder folder;
  RunRecord record = storable(5);
  const std::vector<Entry> entries = entries_of(record);
  REQUIRE(entries.size() > 3);
  const ProbeCounters three{3, 4, 1, 0, 1, 2};
  {
    const auto journal = begun(folder, record);
    CHECK(journal->counted_before() == ProbeCounters());
    for (std::size_t i = 0; i < 2; ++i) {
      journal->count(three);
      journal->add(entries[i]);
    }
  }  // died: there is no end
  ProbeCounters six = three;
  six += three;
  for (const bool stopped : {true, false}) {
    Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "r-1");
    REQUIRE(journal);
    CHECK((*journal)->counted_before() == six);
    if (!stopped) continue;
    (*journal)->count(three);
    (*journal)->add(entries[2]);
    record.run.complete = false;
    record.run.stopped_by = "SIGTERM";
    six += three;
    record.summary.probes = six;
    REQUIRE((*journal)->finish(record));
  }
}

TEST_CASE("parts of a target last until its own entry is committed, through any number of processes") {
  const StateFolder folder;
  RunRecord record = storable(5);
  const std::vector<Entry> entries = entries_of(record);
  const auto part_of = [&](std::size_t target, std::size_t check) {
    Part part;
    part.ordinal = entries[target].ordinal;
    part.checks.push_back(entries[target].checks.at(check));
    return part;
  };
  const auto parts = [&] {
    const Result<History> history = History::open(folder.path());
    REQUIRE(history);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> found;
    const Result<RunRow> run = history->find("r-1");
    REQUIRE(run);
    REQUIRE(history->read_parts(
        *run, [&](Part&& part) { found.emplace_back(part.ordinal, part.checks.front().rule_ordinal); }));
    return found;
  };
  using Parts = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
  {
    const auto journal = begun(folder, record);
    journal->add_part(part_of(1, 0));
    journal->add_part(part_of(0, 0));
    journal->add_part(part_of(1, 1));
  }
  CHECK(parts() == Parts{{0, 0}, {1, 0}, {1, 1}});
  {
    Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "r-1");
    REQUIRE(journal);
    (*journal)->add_part(part_of(0, 1));
    (*journal)->add_part(part_of(2, 0));
    (*journal)->add(entries[1]);
    (*journal)->add(entries[2]);              // its part was not committed yet
    (*journal)->add_provisional(entries[0]);  // what was stopped goes on from its parts
  }
  CHECK(parts() == Parts{{0, 0}, {0, 1}});
  Result<std::unique_ptr<Journal>> journal = Journal::resume(folder.path(), "r-1");
  REQUIRE(journal);
  (*journal)->add(entries[0]);
  record.run.complete = true;
  REQUIRE((*journal)->finish(record));
  CHECK(parts().empty());
}

TEST_CASE("an entry that is committed twice counts once, and one that differs is counted") {
  const StateFolder folder;
  RunRecord record = storable(5);
  const std::vector<Entry> entries = entries_of(record);
  Entry other = entries[0];
  other.record.owner += "!";
  record.run.complete = true;
  {
    const auto journal = begun(folder, record);
    for (const Entry& entry : entries) journal->add(entry);
    journal->add(entries[1]);
    journal->add(other);
    REQUIRE(journal->finish(record));
  }
  const Result<History> history = History::open(folder.path());
  REQUIRE(history);
  const Result<RunRow> run = history->find("r-1");
  REQUIRE(run);
  std::size_t met = 0;
  const Result<std::uint64_t> differing = history->read(*run, [&](Entry&&, bool) { ++met; });
  REQUIRE(differing);
  CHECK(met == entries.size());
  CHECK(*differing == 1);
  const Result<RunRecord> loaded = history->load(*run);
  REQUIRE(loaded);
  CHECK(bytes_of(*loaded) == bytes_of(record));
}

TEST_CASE("a database that cannot grow breaks the journal, which says so once and keeps what it had") {
  const StateFolder folder;
  RunRecord record = storable(5);
  record.run.complete = false;
  const std::vector<Entry> entries = entries_of(record);
  std::atomic<int> broken = 0;
  std::string said;
  const pid_t writer = fork();  // the limit on the size of files is the process's
  REQUIRE(writer >= 0);
  if (writer == 0) {
    Result<std::unique_ptr<Journal>> journal = Journal::begin(folder.path(), start_of(record, "r-1", noon));
    if (!journal) _exit(1);
    (*journal)->on_broken([&](const Error&) { ++broken; });
    (*journal)->add(entries[0]);
    (void)(*journal)->finish(record);  // commits it
    Result<std::unique_ptr<Journal>> again = Journal::resume(folder.path(), "r-1");
    if (!again) _exit(2);
    (*again)->on_broken([&](const Error& why) {
      ++broken;
      said = why.message;
    });
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{0, 0};
    struct stat about {};
    if (stat((folder.file() + "-wal").c_str(), &about) != 0) _exit(3);
    limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(about.st_size);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(4);
    for (int round = 0; round < 2'000; ++round) (*again)->add(entries[1]);
    const Result<void> finished = (*again)->finish(record);
    _exit(!finished && broken == 1 && said.find("audit.db") != std::string::npos ? 0 : 5);
  }
  int status = 0;
  REQUIRE(waitpid(writer, &status, 0) == writer);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(ordinals_in(folder, "r-1").contains(entries[0].ordinal));
}

}  // namespace audit::store
