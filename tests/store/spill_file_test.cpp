#include "store/spill_file.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace audit::store {
namespace {

/// TMPDIR while a test runs.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& path) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", path.c_str(), 1);
  }
  ~TemporaryFolder() {
    if (before_.empty())
      unsetenv("TMPDIR");
    else
      setenv("TMPDIR", before_.c_str(), 1);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

 private:
  std::string before_;
};

std::string back(const SpillFile& file, const SpillFile::Place& place) {
  std::string bytes = "what was there before";
  file.get(place, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("bytes come back from the file, which has no name") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "audit-spill-test";
  std::filesystem::create_directory(folder);
  const TemporaryFolder chosen(folder.string());
  {
    SpillFile file;
    const auto first = file.put("first");
    const auto empty = file.put("");
    const auto second = file.put(std::string(100'000, 'x') + std::string("\0y", 2));
    CHECK(file.bytes_on_disk() == 100'007);
    CHECK(std::filesystem::is_empty(folder));
    CHECK(back(file, second) == std::string(100'000, 'x') + std::string("\0y", 2));
    CHECK(back(file, first) == "first");
    CHECK(back(file, empty).empty());
  }
  std::filesystem::remove(folder);
}

TEST_CASE("where no file can be made bytes are held in memory") {
  const TemporaryFolder chosen("/nowhere/at/all");
  SpillFile file;
  const auto first = file.put("first");
  const auto second = file.put("second");
  CHECK(file.bytes_on_disk() == 0);
  CHECK(back(file, first) == "first");
  CHECK(back(file, second) == "second");
}

}  // namespace audit::store
