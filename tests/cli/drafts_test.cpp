#include "cli/drafts.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t ours = S_IRUSR | S_IWUSR;

/// A folder that goes with its test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "audit-drafts-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

}  // namespace

TEST_CASE("a draft that is published has its name alone, and takes the place of what was there") {
  const Folder folder;
  const std::string path = folder.file("run.json");
  const std::string draft = draft_of(path, "json");
  std::ofstream(path) << "the one before";
  REQUIRE(make_draft(draft, ours) == 0);
  std::ofstream(draft) << "new";
  CHECK(fs::file_size(path) == 14);
  REQUIRE(publish_draft(draft, path) == 0);
  CHECK(fs::file_size(path) == 3);
  CHECK_FALSE(fs::exists(draft));
}

TEST_CASE("a draft that cannot be made or published says why, and leaves nothing") {
  const Folder folder;
  CHECK(make_draft(folder.file("none/draft"), ours) == ENOENT);
  fs::create_directory(folder.path / "folder");
  const std::string draft = folder.file("draft");
  REQUIRE(make_draft(draft, ours) == 0);
  CHECK(publish_draft(draft, folder.file("folder")) == EISDIR);
  CHECK_FALSE(fs::exists(draft));
}

TEST_CASE("after drafts are discarded none is left, and no file appears any more") {
  const Folder folder;
  const std::string one = folder.file("one.part");
  const std::string other = folder.file("other.part");
  const pid_t child = fork();  // what is discarded stays so
  if (child == 0) {
    const bool made = make_draft(one, ours) == 0 && make_draft(other, ours) == 0;
    std::ofstream(one) << "half";
    const bool there = fs::exists(one) && fs::exists(other);
    discard_drafts();
    const bool gone = !fs::exists(one) && !fs::exists(other);
    const bool refused = publish_draft(one, folder.file("one")) == ECANCELED && make_draft(one, ours) == ECANCELED;
    _exit(made && there && gone && refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(fs::is_empty(folder.path));
}

}  // namespace audit::cli
