#include "cli/report_places.hpp"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace audit::cli;
namespace fs = std::filesystem;
using Wishes = std::vector<ReportWish>;
using Taken = std::vector<TakenPlace>;
using Wrong = std::vector<std::string>;

namespace {

/// A state directory and what is beside it; goes with its test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "audit-places-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    fs::create_directory(path / "state");
    std::ofstream(path / "state" / "audit.db") << "kept";
  }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
  [[nodiscard]] std::string state() const { return file("state"); }
  fs::path path;
};

}  // namespace

TEST_CASE("reports at places of their own are at none that is wrong") {
  const Folder folder;
  const Taken taken{{folder.file("inventory.toml"), "the inventory"}, {"", "--record"}};
  CHECK(wrong_places({}, taken, folder.state()).empty());
  const Wishes wishes{{"json", folder.file("a")},
                      {"csv", folder.file("b")},
                      {"text", ""},
                      {"html", "-"},
                      {"json", folder.file("state/report.json")}};
  CHECK(wrong_places(wishes, taken, folder.state()).empty());
  CHECK(wrong_places(wishes, taken, "").empty());
}

TEST_CASE("two reports at one place are told once, however the place is written") {
  const Folder folder;
  const std::string place = folder.file("one");
  CHECK(wrong_places({{"json", place}, {"csv", place}}, {}, "") == Wrong{"two reports cannot share " + place});
  fs::create_directory(folder.path / "sub");
  const std::string other = folder.file("sub/../one");
  CHECK(wrong_places({{"json", place}, {"csv", other}}, {}, "") == Wrong{"two reports cannot share " + other});
  std::ofstream(place) << "there";
  fs::create_symlink(place, folder.path / "link");
  CHECK(wrong_places({{"json", place}, {"csv", folder.file("link")}}, {}, "").size() == 1);
  CHECK(wrong_places({{"json", place}, {"csv", place}, {"text", place}}, {}, "").size() == 2);
}

TEST_CASE("a place that is taken says of what") {
  const Folder folder;
  const std::string place = folder.file("key");
  CHECK(wrong_places({{"json", place}}, {{place, "--sign"}}, "") == Wrong{"a report and --sign cannot share " + place});
}

TEST_CASE("no report is written onto the history, what is kept beside it, or a lock") {
  const Folder folder;
  for (const char* name :
       {"state/audit.db", "state/audit.db-wal", "state/audit.db-shm", "state/run-0.lock", "state/../state/audit.db"}) {
    const std::string place = folder.file(name);
    CHECK(wrong_places({{"json", place}}, {}, folder.state()) ==
          Wrong{"a report and the history cannot share " + place});
    CHECK(wrong_places({{"json", place}}, {}, "").empty());
  }
  CHECK(wrong_places({{"json", folder.file("audit.db")}}, {}, folder.state()).empty());
  CHECK(wrong_places({{"json", folder.file("state/audit.db.json")}}, {}, folder.state()).empty());
  fs::create_directory_symlink(folder.state(), folder.path / "alias");
  CHECK(wrong_places({{"json", folder.file("alias/audit.db")}}, {}, folder.state()).size() == 1);
  CHECK(wrong_places({{"json", folder.file("state/audit.db")}}, {}, folder.file("alias")).size() == 1);
  fs::create_symlink(folder.file("state/audit.db"), folder.path / "link");
  CHECK(wrong_places({{"json", folder.file("link")}}, {}, folder.state()).size() == 1);
}
