#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "folder.hpp"
#include "loading.hpp"

using namespace audit::inventory;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view good = "[[targets]]\naddress = \"10.0.0.1\"\n";

void write(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

std::string mistake_of(const std::string& path) {
  const Loaded result = load_file(path);
  CHECK_FALSE(result.inventory);
  REQUIRE(result.mistakes.size() == 1);
  return result.mistakes[0].text();
}

/// Writes to a descriptor until its reader has gone.
void pour(int descriptor) {
  const std::string garbage(1U << 16U, 'x');
  while (::write(descriptor, garbage.data(), garbage.size()) > 0) {
  }
  ::close(descriptor);
}

constexpr std::string_view too_large = "is larger than 64 MiB, the most that an inventory may be";

}  // namespace

TEST_CASE("a file is known by its path and the hash of its bytes") {
  const Folder folder;
  write(folder.file("inv.toml"), good);
  const Loaded result = load_file(folder.file("inv.toml"));
  REQUIRE(result.inventory);
  CHECK(result.inventory->path == folder.file("inv.toml"));
  CHECK(result.inventory->sha256 == "c2cc0980a9a6d307f5b6d675a35316c54ffbc4d6437c044e53622ebccf927655");
  CHECK(result.inventory->entries[0].place.file == folder.file("inv.toml"));
}

TEST_CASE("a file that cannot be read is told with the system's reason") {
  const Folder folder;
  CHECK(mistake_of(folder.file("none.toml")) ==
        folder.file("none.toml") + ": cannot be read: No such file or directory");
  CHECK(mistake_of(folder.file("")) == folder.file("") + ": is a directory; name the inventory file in it");
  write(folder.file("inv.toml"), good);
  CHECK(mistake_of(folder.file("inv.toml/x")) == folder.file("inv.toml/x") + ": cannot be read: Not a directory");
  if (::geteuid() == 0) return;  // root may read everything
  fs::permissions(folder.file("inv.toml"), fs::perms::none);
  CHECK(mistake_of(folder.file("inv.toml")) == folder.file("inv.toml") + ": cannot be read: Permission denied");
}

TEST_CASE("a gigabyte of garbage is refused by its size, unread") {
  const Folder folder;
  write(folder.file("big.toml"), "");
  fs::resize_file(folder.file("big.toml"), std::uintmax_t{1} << 30U);  // sparse
  CHECK(mistake_of(folder.file("big.toml")).find(too_large) != std::string::npos);
}

TEST_CASE("a pipe that never ends is refused once it has given more than an inventory may hold") {
  ::signal(SIGPIPE, SIG_IGN);
  const Folder folder;
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  std::thread writer([&] { pour(::open(folder.file("pipe").c_str(), O_WRONLY | O_CLOEXEC)); });
  CHECK(mistake_of(folder.file("pipe")).find(too_large) != std::string::npos);
  writer.join();
}

TEST_CASE("\"-\" is standard input") {
  const Folder folder;
  write(folder.file("inv.toml"), std::string(good) + "oops = 1\n");
  const int kept = ::dup(STDIN_FILENO);
  const int file = ::open(folder.file("inv.toml").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  ::dup2(file, STDIN_FILENO);
  CHECK(mistake_of("-").starts_with("standard input:3:1: unknown key \"oops\" in [[targets]]"));
  ::lseek(file, 0, SEEK_SET);
  REQUIRE(::truncate(folder.file("inv.toml").c_str(), static_cast<off_t>(good.size())) == 0);
  const Loaded result = load_file("-");
  REQUIRE(result.inventory);
  CHECK(result.inventory->path == "-");
  ::dup2(kept, STDIN_FILENO);
  ::close(kept);
  ::close(file);
}
