#include "store/database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.hpp"

namespace audit::store {
namespace {

constexpr int application = 0x41554454;  // "AUDT", in the file's header: it is ours
constexpr int patience = 10'000;         // ms that a lock of another process is waited for

/// Checks are in segments, identified by the run and what a record says of itself; only what a list or a comparison asks
/// for has rows.
constexpr const char* first_version = R"(
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  inventory TEXT NOT NULL,
  scope TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  state TEXT NOT NULL,
  stopped_by TEXT NOT NULL DEFAULT '',
  pinned INTEGER NOT NULL DEFAULT 0,
  planned INTEGER NOT NULL DEFAULT 0,
  counts TEXT NOT NULL DEFAULT '',
  start BLOB NOT NULL,
  head BLOB
);
CREATE TABLE segments (
  run INTEGER NOT NULL REFERENCES runs(number) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  provisional INTEGER NOT NULL,
  records INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE findings (
  run INTEGER NOT NULL REFERENCES runs(number) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  rule TEXT NOT NULL,
  target TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (run, fingerprint)
) WITHOUT ROWID;
CREATE TABLE seen (
  fingerprint TEXT PRIMARY KEY,
  first_run TEXT NOT NULL,
  first_time INTEGER NOT NULL,
  last_run TEXT NOT NULL,
  last_time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE notifications (
  run INTEGER NOT NULL REFERENCES runs(number) ON DELETE CASCADE,
  notifier TEXT NOT NULL,
  condition TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  message TEXT NOT NULL
);
)";

/// What came of targets that were still open when a run died; how many of their checks had ended.
constexpr const char* second_version = R"(
CREATE TABLE parts (
  run INTEGER NOT NULL REFERENCES runs(number) ON DELETE CASCADE,
  target INTEGER NOT NULL,
  number INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (run, target, number)
) WITHOUT ROWID;
)";

/// Nothing of its own: entries and heads are longer, and an older program could not read them.
constexpr const char* third_version = "";

/// What was sent so far, which only grows: a run that is resumed goes on counting. Not in `runs`, whose rows are long, and
/// this is written with each commit.
constexpr const char* fourth_version = R"(
CREATE TABLE probes (
  run INTEGER PRIMARY KEY REFERENCES runs(number) ON DELETE CASCADE,
  asked INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  evicted INTEGER NOT NULL,
  retried INTEGER NOT NULL,
  local_faults INTEGER NOT NULL
);
)";

/// What each version adds to the one before it.
constexpr std::array<const char*, schema_version> versions{first_version, second_version, third_version,
                                                           fourth_version};

Error cannot(const std::string& what, const std::string& why) {
  return {Reason::local_fault, fmt::format("{}: {}", visible(what), why)};
}

Result<void> make_directory(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(directory).parent_path(), failure);
  if (mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return cannot(directory, fmt::format("the state directory could not be made: {}; name another with --state DIR",
                                       std::generic_category().message(errno)));
}

Error unwritable(const std::string& path, int number) {
  return cannot(path, fmt::format("the history could not be opened to write: {}; name another directory with --state",
                                  std::generic_category().message(number)));
}

/// The file for nobody else to read, before SQLite would make it for everybody.
Result<void> make_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return unwritable(path, errno);
  close(descriptor);
  return {};
}

/// What is there, to be read or changed.
Result<void> find_file(const std::string& path, bool to_write) {
  if (access(path.c_str(), to_write ? R_OK | W_OK : R_OK) == 0) return {};
  if (errno == ENOENT)
    return Error(Reason::unresolved, visible(path) + ": there is no history; runs with --state DIR keep one");
  return to_write ? unwritable(path, errno) : cannot(path, std::generic_category().message(errno));
}

/// Makes what the versions after the database's own added, where nobody else was first.
void migrate(SQLite::Database& database) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  const auto version = static_cast<std::size_t>(database.execAndGet("PRAGMA user_version").getInt());
  for (std::size_t next = version; next < versions.size(); ++next) database.exec(versions[next]);
  database.exec(fmt::format("PRAGMA application_id = {}", application));
  database.exec(fmt::format("PRAGMA user_version = {}", std::max<std::size_t>(version, schema_version)));
  transaction.commit();
}

/// No room for a page of the file or for what SQLite keeps beside it, which it calls an error of input and output.
bool is_full(const std::string& directory) {
  constexpr std::uint64_t needed = 64U << 10U;
  struct statvfs disk {};
  return statvfs(directory.c_str(), &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < needed;
}

/// The file as SQLite's URI names it, never to be written nor locked.
std::string unchanging(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02x}", c) : std::string(1, c);
  return uri + "?immutable=1";
}

/// To read where nothing can be written, not even what readers share: a read-only or full disk, somebody else's directory.
/// Null where records wait beside the file to be taken into it, without which it would not tell all.
std::unique_ptr<SQLite::Database> open_unchanging(const std::string& path) {
  std::error_code none;
  const std::uintmax_t waiting = std::filesystem::file_size(path + "-wal", none);
  if (!none && waiting > 0) return nullptr;
  return std::make_unique<SQLite::Database>(unchanging(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
}

std::unique_ptr<SQLite::Database> open_shared(const std::string& path) {
  auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, patience);
  database->exec("PRAGMA journal_mode = WAL");
  database->exec("PRAGMA synchronous = FULL");
  database->exec("PRAGMA foreign_keys = ON");
  return database;
}

std::unique_ptr<SQLite::Database> open_file(const std::string& path, Access access) {
  try {
    return open_shared(path);
  } catch (const SQLite::Exception& fault) {
    const int code = fault.getErrorCode();
    const bool unwritable =
        code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_IOERR || code == SQLITE_FULL;
    if (access != Access::read || !unwritable) throw;
    auto database = open_unchanging(path);
    if (!database) throw;
    return database;
  }
}

/// Brings the schema up to date, or says why it is not ours to use.
Result<void> check_schema(SQLite::Database& database, const std::string& path, Access access) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  const int owner = database.execAndGet("PRAGMA application_id").getInt();
  const bool fresh =
      version == 0 && owner == 0 && database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
  if (fresh && access == Access::create) {
    migrate(database);
    return {};
  }
  if (owner != application)
    return cannot(path,
                  fresh ? "there is no history in it yet" : "this database was not made by audit; it is left alone");
  if (version > schema_version)
    return cannot(path,
                  fmt::format("was written by a newer audit (schema {}, this one knows {}); it is left alone: use "
                              "that audit, or another --state DIR",
                              version, schema_version));
  if (version < schema_version && access != Access::read) migrate(database);
  return {};
}

}  // namespace

std::string database_path(const std::string& directory) { return directory + "/audit.db"; }

Error fault_of(const std::string& directory, const SQLite::Exception& fault) {
  const std::string path = database_path(directory);
  const std::string said = fault.getErrorStr() != nullptr ? fault.what() : "unknown";
  const int code = fault.getErrorCode();
  const bool no_room = code == SQLITE_FULL || ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && is_full(directory));
  if (no_room)
    return cannot(path, "the disk is full; what was committed before is kept. Make room, then go on with --resume");
  switch (code) {
    case SQLITE_CANTOPEN:
      return cannot(
          path, fmt::format("could not be opened: {}; readers write beside it too: copy the whole directory to where "
                            "that is allowed",
                            said));
    case SQLITE_IOERR:
      return cannot(
          path, fmt::format("could not be read or written: {}; what was committed before is kept. Look at the disk, "
                            "then go on with --resume",
                            said));
    case SQLITE_READONLY: return cannot(path, fmt::format("cannot be written: {}", said));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return cannot(path,
                    fmt::format("is damaged ({}) and is left alone: restore it from a backup, or move it away and "
                                "begin a new history",
                                said));
    case SQLITE_BUSY:
      return cannot(path, "another program holds the history locked; end it, or use another --state DIR");
    default: return cannot(path, said);
  }
}

Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& directory, Access access) {
  const std::string path = database_path(directory);
  if (access == Access::create) {
    if (Result<void> made = make_directory(directory); !made) return made.error();
    if (Result<void> made = make_file(path); !made) return made.error();
  } else if (Result<void> found = find_file(path, access == Access::write); !found) {
    return found.error();
  }
  try {
    std::unique_ptr<SQLite::Database> database = open_file(path, access);
    if (Result<void> known = check_schema(*database, path, access); !known) return known.error();
    return database;
  } catch (const SQLite::Exception& fault) {
    return fault_of(directory, fault);
  }
}

}  // namespace audit::store
