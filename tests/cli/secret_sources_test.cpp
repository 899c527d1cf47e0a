#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/credentials.hpp"
#include "cli/secret_command.hpp"
#include "cli/secret_file.hpp"

using namespace audit;
using namespace audit::cli;
using namespace std::chrono_literals;

namespace {

/// A folder that goes with its test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "audit-secrets-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& text,
                                            mode_t mode = 0600) const {
    std::ofstream(path / name, std::ios::binary) << text;
    REQUIRE(chmod((path / name).c_str(), mode) == 0);
    return path / name;
  }
  std::filesystem::path path;
};

std::string why(const Result<std::string>& secret) {
  REQUIRE_FALSE(secret);
  CHECK(secret.error().reason == Reason::missing_credential);
  return secret.error().message;
}

std::string said(std::vector<std::string> command, Duration timeout = 10s) {
  const Result<std::string> secret = run_secret_command(command, timeout, "");
  return secret ? *secret : "! " + secret.error().message;
}

using Catch::Contains;

}  // namespace

TEST_CASE("a file that others may use is no place for a secret, and the message says what to do") {
  const Folder folder;
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0610U, 0601U}) {
    const auto path = folder.write("open", "swordfish", mode);
    CHECK_THAT(why(read_secret_file(path)), Contains("others may use") && Contains("chmod 600 " + path.string()));
  }
  for (const mode_t mode : {0600U, 0400U, 0700U})
    CHECK(*read_secret_file(folder.write("closed", "swordfish", mode)) == "swordfish");
}

TEST_CASE("a link is followed, and the file at its end is what counts") {
  const Folder folder;
  std::filesystem::create_symlink(folder.write("open", "swordfish", 0644), folder.path / "a");
  std::filesystem::create_symlink(folder.write("closed", "swordfish"), folder.path / "b");
  std::filesystem::create_symlink(folder.path / "nowhere", folder.path / "c");
  CHECK_THAT(why(read_secret_file(folder.path / "a")), Contains("others may use"));
  CHECK(*read_secret_file(folder.path / "b") == "swordfish");
  CHECK_THAT(why(read_secret_file(folder.path / "c")), Contains("no file"));
}

TEST_CASE("what is no file, is empty or too long holds no secret, and nobody waits for a pipe") {
  const Folder folder;
  REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(why(read_secret_file(folder.path / "pipe")), Contains("is not a file"));
  CHECK_THAT(why(read_secret_file(folder.path)), Contains("is not a file"));
  CHECK_THAT(why(read_secret_file(folder.write("empty", ""))), Contains("is empty"));
  CHECK_THAT(why(read_secret_file(folder.write("long", std::string(65'537, 'x')))), Contains("longer than 65536"));
  CHECK(read_secret_file(folder.write("most", std::string(65'536, 'x')))->size() == 65'536);
}

TEST_CASE("a file of another user is refused") {
  if (geteuid() != 0) return;  // only root can make one
  const Folder folder;
  const auto path = folder.write("theirs", "swordfish");
  REQUIRE(chown(path.c_str(), 12345, 12345) == 0);
  CHECK_THAT(why(read_secret_file(path)), Contains("another user (uid 12345)"));
}

TEST_CASE("a command is run without a shell, with an empty standard input, and its output is the secret") {
  CHECK(said({"echo", "a b", "$HOME;*"}) == "a b $HOME;*\n");
  CHECK(said({"sh", "-c", "cat; printf 'sw\\000ord'"}) == std::string("sw\0ord", 6));
  CHECK(said({"sh", "-c", "echo noise >&2; echo fish"}) == "fish\n");
}

TEST_CASE("a command that fails gives no secret, and its words are not repeated") {
  CHECK(said({"sh", "-c", "echo swordfish; echo swordfish >&2; exit 3"}) ==
        "! has a command that ended with status 3: sh; run it by hand to see what it says");
  CHECK_THAT(said({"sh", "-c", "kill -TERM $$"}), Contains("was ended by signal 15"));
  CHECK_THAT(said({"/nowhere/pass"}), Contains("cannot be run: /nowhere/pass: No such file or directory"));
  CHECK_THAT(said({"true"}), Contains("said nothing"));
  CHECK_THAT(said({"head", "-c", "65537", "/dev/zero"}), Contains("more than 65536 bytes"));
}

TEST_CASE("a command that takes too long is killed with all that it started") {
  const Folder folder;
  const std::string note = (folder.path / "pid").string();
  const auto began = std::chrono::steady_clock::now();
  CHECK_THAT(said({"sh", "-c", "sleep 300 & echo $! >" + note + "; wait"}, 300ms), Contains("longer than its timeout"));
  CHECK(std::chrono::steady_clock::now() - began < 60s);
  pid_t child = 0;
  std::ifstream(note) >> child;
  if (child == 0) return;  // it was killed before it could say
  std::string state = "S";
  while (state != "gone" && state != "Z" && state != "X" && std::chrono::steady_clock::now() - began < 60s) {
    state = "gone";
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    std::string skipped;
    if (file >> skipped >> skipped) file >> state;
    std::this_thread::yield();
  }
  CHECK((state == "gone" || state == "Z" || state == "X"));
}

TEST_CASE("without --allow-commands no command is run, and the message says how to allow it") {
  const Folder folder;
  inventory::Inventory inventory;
  inventory::CredentialSource source;
  source.name = "web";
  source.command = {"touch", (folder.path / "touched").string()};
  inventory.credentials.push_back(source);
  CHECK(look_up_credentials(inventory, false)->secrets().empty());
  CHECK_FALSE(std::filesystem::exists(folder.path / "touched"));
  CHECK(look_up_credentials(inventory, true)->secrets().empty());
  CHECK(std::filesystem::exists(folder.path / "touched"));
}

TEST_CASE("one line end does not count, paths begin at the inventory, and what is too short to hide is no secret") {
  const Folder folder;
  inventory::Inventory inventory;
  const auto secret_of = [&](const std::string& text) {
    (void)folder.write("secret", text);
    inventory::CredentialSource source;
    source.name = "web";
    source.file = "secret";
    source.place.file = (folder.path / "inventory.toml").string();
    inventory.credentials = {source};
    const auto secrets = look_up_credentials(inventory, false)->secrets();
    return secrets.empty() ? std::string("none") : secrets.at("web");
  };
  CHECK(secret_of("swordfish\r\n") == "swordfish");
  CHECK(secret_of("swordfish\n\n") == "swordfish\n");
  CHECK(secret_of("\n") == "none");
  CHECK(secret_of("abc") == "none");
  CHECK(secret_of("user:abc") == "none");
  CHECK(secret_of("user:") == "user:");
  CHECK(secret_of("abcd") == "abcd");
}
