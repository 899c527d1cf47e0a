#include "cli/paths.hpp"

#include <filesystem>
#include <vector>

namespace audit::cli {

std::string shipped_folder(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  if (failure) return {};
  const fs::path folder = program.parent_path();
  // build/<preset>/audit, then <prefix>/bin/audit
  const std::vector<fs::path> places{folder / ".." / ".." / name, folder / ".." / "share" / "audit" / name};
  for (const fs::path& place : places)
    if (fs::is_directory(place, failure)) return fs::weakly_canonical(place, failure).string();
  return {};
}

bool is_there(const std::string& path) {
  std::error_code failure;
  return std::filesystem::status(path, failure).type() != std::filesystem::file_type::not_found;
}

bool same_file(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  std::error_code failure;
  if (fs::equivalent(one, other, failure)) return true;
  const auto whole = [&failure](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(path, failure), failure);
  };
  const fs::path first = whole(one);
  return !first.empty() && first == whole(other);
}

}  // namespace audit::cli
