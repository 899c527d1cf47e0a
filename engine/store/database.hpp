#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>

#include "base/result.hpp"

namespace audit::store {

/// What of the result model is written, and how; raised with either. An older database is migrated, a newer one refused.
inline constexpr int schema_version = 4;

/// How a state directory is opened: what is there, to read or to change it, or to begin one where there is none.
enum class Access : std::uint8_t { read, write, create };

/// The database of a state directory: `DIR/audit.db`, SQLite in WAL mode. What is created is for nobody else to read (0700,
/// 0600); but to read, an older schema is migrated. Error unresolved: there is none; local_fault: what could not be opened,
/// why, and what to do; a damaged one is left as it is.
[[nodiscard]] Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& directory, Access access);

/// "DIR/audit.db"
[[nodiscard]] std::string database_path(const std::string& directory);

/// What a fault of SQLite means for the user: a full disk, a read-only one, a damaged file.
[[nodiscard]] Error fault_of(const std::string& directory, const SQLite::Exception& fault);

}  // namespace audit::store
