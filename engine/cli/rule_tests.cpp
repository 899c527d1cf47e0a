#include "cli/rule_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view test_ending = "_test.lua";
constexpr std::uintmax_t largest_test = 1U << 20U;

}  // namespace

std::string rule_of_test(std::string path) {
  const std::size_t at = path.starts_with('+') ? 1 : 0;
  std::error_code failure;
  if (path.ends_with(test_ending) && fs::is_regular_file(path.substr(at), failure))
    path = path.substr(0, path.size() - test_ending.size()) + ".lua";
  return path;
}

std::vector<std::string> orphans_below(const std::vector<std::string>& paths) {
  std::vector<std::string> orphans;
  std::error_code failure;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path, failure)) continue;
    for (auto it = fs::recursive_directory_iterator(path, failure);
         !failure && it != fs::recursive_directory_iterator(); it.increment(failure)) {
      const std::string file = it->path().string();
      if (!file.ends_with(test_ending)) continue;
      const std::string rule = file.substr(0, file.size() - test_ending.size()) + ".lua";
      std::error_code ignored;
      if (!fs::exists(rule, ignored))
        orphans.push_back(fmt::format("{}: there is no rule {} beside it", file, fs::path(rule).filename().string()));
    }
  }
  std::sort(orphans.begin(), orphans.end());
  return orphans;
}

std::optional<std::string> read_test(const std::string& path, std::string& problem) {
  std::error_code failure;
  if (!fs::exists(path, failure)) return std::nullopt;
  const std::uintmax_t size = fs::file_size(path, failure);
  std::ifstream file(path, std::ios::binary);
  if (!file || failure) {
    problem = path + ": cannot be read";
  } else if (size > largest_test) {
    problem = fmt::format("{}: is {} bytes long; a test is at most 1 MiB", path, size);
  }
  if (!problem.empty()) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace audit::cli
