#include "cli/report_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "base/text.hpp"
#include "cli/paths.hpp"
#include "store/database.hpp"

namespace audit::cli {
namespace {

constexpr std::array<std::string_view, 4> kept_beside{"", "-wal", "-shm", "-journal"};  // what SQLite keeps of it

/// The database, and locks.
bool is_kept_in(const std::string& path, const std::string& state) {
  namespace fs = std::filesystem;
  if (state.empty()) return false;
  std::error_code failure;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, failure), failure);
  const std::string name = whole.filename().string();
  const std::string database = fs::path(store::database_path(state)).filename().string();
  const bool of_database = name.starts_with(database) && std::find(kept_beside.begin(), kept_beside.end(),
                                                                   name.substr(database.size())) != kept_beside.end();
  return same_file(whole.parent_path().string(), state) && (of_database || name.ends_with(".lock"));
}

}  // namespace

std::vector<std::string> wrong_places(const std::vector<ReportWish>& wishes, const std::vector<TakenPlace>& taken,
                                      const std::string& state) {
  std::vector<std::string> wrong;
  for (auto wish = wishes.begin(); wish != wishes.end(); ++wish) {
    if (wish->to_stdout()) continue;
    const auto shares = [&](const ReportWish& other) { return other.to_file() && same_file(other.path, wish->path); };
    if (std::any_of(wishes.begin(), wish, shares))
      wrong.push_back(fmt::format("two reports cannot share {}", visible(wish->path)));
    for (const TakenPlace& place : taken)
      if (!place.path.empty() && same_file(wish->path, place.path))
        wrong.push_back(fmt::format("a report and {} cannot share {}", place.what, visible(wish->path)));
    if (is_kept_in(wish->path, state))
      wrong.push_back(fmt::format("a report and the history cannot share {}", visible(wish->path)));
  }
  return wrong;
}

}  // namespace audit::cli
