#include <fmt/format.h>

#include "folder.hpp"
#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

constexpr std::string_view target = "[[targets]]\naddress = \"10.0.0.1\"\n";

Inventory read(const std::string& path) {
  Loaded result = load_file(path);
  for (const Mistake& mistake : result.mistakes) UNSCOPED_INFO(mistake.text());
  REQUIRE(result.inventory);
  return *std::move(result.inventory);
}

Lines mistakes_in(const Folder& folder, const std::string& path) { return mistakes_in(folder, load_file(path)); }

}  // namespace

TEST_CASE("included files are read where they are named, in the order of the list, globs in that of their names") {
  const Folder folder;
  folder.write("sites/b.toml", "[[targets]]\naddress = \"10.0.2.1\"\n");
  folder.write("sites/a.toml", "schema = 1\n[[targets]]\naddress = \"10.0.1.1\"\n");
  folder.write("first.toml", "[[targets]]\naddress = \"10.0.0.9\"\ngroups = [\"switches\"]\n");
  const Inventory inventory = read(folder.write(
      "inv.toml", "schema = 1\ninclude = [\"first.toml\", \"sites/*.toml\"]\n[groups.switches]\nowner = \"net\"\n" +
                      std::string(target)));
  CHECK(texts_of(inventory) == Lines{"10.0.0.9", "10.0.1.1", "10.0.2.1", "10.0.0.1"});
  CHECK(inventory.entries[0].settings->owner == "net");
  CHECK(inventory.entries[1].place.file == folder.file("sites/a.toml"));
  CHECK(inventory.entries[1].place.line == 2);
  REQUIRE(inventory.files.size() == 4);
  CHECK(inventory.files[0].path == folder.file("inv.toml"));
}

TEST_CASE("an included file includes others relative to itself") {
  const Folder folder;
  folder.write("a/b/deep.toml", "[[targets]]\naddress = \"10.0.0.3\"\n");
  folder.write("a/mid.toml", "include = [\"b/deep.toml\", \"../side.toml\"]\n");
  folder.write("side.toml", target);
  CHECK(texts_of(read(folder.write("inv.toml", "include = [\"a/mid.toml\"]\n"))) == Lines{"10.0.0.3", "10.0.0.1"});
}

TEST_CASE("the hash of an inventory of several files changes with each of them, and not with where the folder lies") {
  const Folder one;
  const Folder other;
  for (const Folder* folder : {&one, &other}) {
    folder->write("sites/a.toml", target);
    folder->write("inv.toml", "include = [\"sites/a.toml\"]\n");
  }
  const std::string hash = read(one.file("inv.toml")).sha256;
  CHECK(read(other.file("inv.toml")).sha256 == hash);
  other.write("sites/a.toml", std::string(target) + "owner = \"x\"\n");
  CHECK(read(other.file("inv.toml")).sha256 != hash);
}

TEST_CASE("a file that includes itself, also through others or a link, is refused") {
  const Folder folder;
  folder.write("self.toml", "include = [\"self.toml\"]\n");
  CHECK(mistakes_in(folder, folder.file("self.toml")) ==
        Lines{"self.toml:1:12: self.toml includes itself; take one of the includes out"});
  folder.write("a.toml", "include = [\"b.toml\"]\n");
  folder.write("b.toml", "include = [\"c.toml\"]\n");
  std::filesystem::create_symlink(folder.file("a.toml"), folder.file("c.toml"));
  CHECK(mistakes_in(folder, folder.file("a.toml")) ==
        Lines{"b.toml:1:12: c.toml includes itself through the files between; take one of the includes out"});
}

TEST_CASE("a file that two others include is read once, with a notice") {
  const Folder folder;
  folder.write("common.toml", target);
  folder.write("a.toml", "include = [\"common.toml\"]\n");
  folder.write("b.toml", "include = [\"common.toml\"]\n");
  const Inventory inventory = read(folder.write("inv.toml", "include = [\"a.toml\", \"b.toml\"]\n"));
  CHECK(inventory.entries.size() == 1);
  REQUIRE(inventory.notices.size() == 1);
  CHECK(inventory.notices[0] ==
        fmt::format("{}:1:12: {} is included twice, and read once", folder.file("b.toml"), folder.file("common.toml")));
}

TEST_CASE("a path that is not there and a glob that matches nothing are told at their place, all of them") {
  const Folder folder;
  const Lines lines = mistakes_in(
      folder, folder.write("inv.toml", "include = [\"no.toml\", \"sites/*.toml\"]\n" + std::string(target)));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "inv.toml:1:12: no.toml cannot be read: No such file or directory");
  CHECK(lines[1].starts_with("inv.toml:1:23: no file matches \"sites/*.toml\", looked for in "));
}

TEST_CASE("a mistake in an included file is told with that file, line and column; those of several files at once") {
  const Folder folder;
  folder.write("a.toml", "[groups.g]\nownr = \"x\"\n");
  folder.write("b.toml", "[[targets]]\naddress = \"10.0.0.300\"\n");
  const Lines lines =
      mistakes_in(folder, folder.write("inv.toml", "include = [\"a.toml\", \"b.toml\"]\n[limits]\nrate = 0\n"));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "inv.toml:3:8: rate has to be a number from 1 to 1000000; this is 0");
  CHECK(lines[1] == "a.toml:2:1: unknown key \"ownr\" in a group; did you mean \"owner\"?");
  CHECK(lines[2].starts_with("b.toml:2:11: 10.0.0.300"));
}

TEST_CASE("an error of syntax in an included file is told alone: what it holds is missing elsewhere") {
  const Folder folder;
  folder.write("a.toml", "[groups.g\n");
  const Lines lines = mistakes_in(
      folder, folder.write("inv.toml", "include = [\"a.toml\"]\n" + std::string(target) + "groups = [\"g\"]\n"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("a.toml:1:"));
}

TEST_CASE("two files that set the same thing contradict each other; both places are named") {
  const Folder folder;
  folder.write("a.toml", "[limits]\nrate = 10\n[groups.g]\nowner = \"a\"\n[params.\"x.y\"]\ndays = 1\n");
  const Lines lines =
      mistakes_in(folder, folder.write("inv.toml",
                                       "include = [\"a.toml\"]\n[limits]\nrate = 10\ntimeout = \"1s\"\n[groups.g]\n"
                                       "[params.\"x.y\"]\ndays = 2\nweeks = 3\n" +
                                           std::string(target)));
  CHECK(lines == Lines{"inv.toml:3:1: [limits] rate is set at a.toml:2:1 already; an inventory says each thing once, "
                       "in one of its files",
                       "inv.toml:5:9: [groups.g] is set at a.toml:3:9 already; an inventory says each thing once, in "
                       "one of its files",
                       "inv.toml:7:1: [params.\"x.y\"] days is set at a.toml:6:1 already; an inventory says each thing "
                       "once, in one of "
                       "its files"});
}

TEST_CASE("excludes and never ports of several files add up") {
  const Folder folder;
  folder.write("a.toml", "[scope]\nexclude = [\"10.0.0.7\"]\nnever = [\"tcp/1\"]\n");
  const Inventory inventory =
      read(folder.write("inv.toml", "include = [\"a.toml\"]\n[scope]\nexclude = [\"10.0.0.8\"]\nnever = [\"tcp/2\"]\n" +
                                        std::string(target)));
  REQUIRE(inventory.scope.exclude.size() == 2);
  CHECK(inventory.scope.exclude[0].place.file == folder.file("a.toml"));
  CHECK(inventory.scope.never.format() == "tcp/1-2");
}

TEST_CASE("each file's schema is looked at") {
  const Folder folder;
  folder.write("a.toml", "schema = 2\n");
  folder.write("b.toml", "schema = 1\n");
  CHECK(mistakes_in(folder, folder.write("inv.toml",
                                         "schema = 1\ninclude = [\"b.toml\", \"a.toml\"]\n" + std::string(target))) ==
        Lines{"a.toml:1:10: this version of audit reads schema = 1; this is 2"});
}

TEST_CASE("characters of a glob in the folder's own name are meant as they stand") {
  const Folder folder;
  folder.write("we[i]rd*/sites/a.toml", target);
  CHECK(read(folder.write("we[i]rd*/inv.toml", "include = [\"sites/*.toml\"]\n")).entries.size() == 1);
}

TEST_CASE("a file that is called - is a file where another includes it, and not standard input") {
  const Folder folder;
  folder.write("-", target);
  const std::filesystem::path before = std::filesystem::current_path();
  folder.write("inv.toml", "include = [\"-\"]\n");
  std::filesystem::current_path(folder.file(""));
  const Loaded result = load_file("inv.toml");
  std::filesystem::current_path(before);
  REQUIRE(result.inventory);
  CHECK(result.inventory->entries.size() == 1);
}

TEST_CASE("more than 16 levels of includes are refused, and so is a device without an end") {
  const Folder folder;
  for (int i = 0; i < 40; ++i) folder.write(fmt::format("{}.toml", i), fmt::format("include = [\"{}.toml\"]\n", i + 1));
  CHECK(mistakes_in(folder, folder.file("0.toml")) ==
        Lines{"15.toml:1:12: 16.toml: an inventory has at most 10000 files, included through at most 16 levels"});
  CHECK(mistakes_in(folder, folder.write("zero.toml", "include = [\"/dev/zero\"]\n")).size() == 1);
}

TEST_CASE("a text that is no file includes none") {
  CHECK(mistakes_of("include = [\"/etc/passwd\"]\n[[targets]]\naddress = \"10.0.0.1\"\n") ==
        Lines{"1:1: include is for inventories that are read from a file"});
}

TEST_CASE("an included file that is a secret's file is refused without a word of it") {
  const Folder folder;
  for (const char* text : {"hunter2\n", "hunter2", "bob:hunter2\n", "hunter2 = 1\n", "hunter2.x = \"y\"\n",
                           "key = hunter2\n", "\"hunter2\" = 'hunter2'\n", "hunter2=\n", "-----BEGIN hunter2-----\n",
                           "[hunter2]\n", "[default]\nkey_id = hunter2\n"}) {
    folder.write("secret", text);
    const Lines lines = mistakes_in(folder, folder.write("inv.toml", "include = [\"secret\"]\n" + std::string(target)));
    REQUIRE(lines.size() == 1);
    INFO(lines[0]);
    CHECK(lines[0].find("hunter2") == std::string::npos);
    CHECK(lines[0].starts_with("secret:"));
  }
}

TEST_CASE("an included file that is an inventory shows what is mistyped in it, and no value of a key named password") {
  const Folder folder;
  folder.write("a.toml", "[[targets]]\naddress = 10.0.0.x\n");
  folder.write("b.toml", "[[targets]]\naddress = \"10.0.0.1\"\npassword = hunter2\n");
  CHECK(mistakes_in(folder, folder.write("inv.toml", "include = [\"a.toml\"]\n")) ==
        Lines{"a.toml:2:11: 10.0.0.x has to stand in quotes: \"10.0.0.x\""});
  CHECK(mistakes_in(folder, folder.write("inv.toml", "include = [\"b.toml\"]\n")) ==
        Lines{"b.toml:3:12: a text has to stand in quotes (it is not shown, since it may be a secret)"});
}
