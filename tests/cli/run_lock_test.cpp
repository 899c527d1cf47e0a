#include "cli/run_lock.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace audit::cli {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using Catch::StartsWith;

/// A state directory that goes with its test.
struct State {
  State() {
    std::string name = (fs::temp_directory_path() / "audit-lock-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~State() { fs::remove_all(path); }
  [[nodiscard]] fs::path lock() const { return path / lock_name("campus.toml"); }
  fs::path path;
};

LockOutcome take(const fs::path& state, const std::string& overlap = "fail",
                 std::function<void(const std::string&)> say = {}) {
  return take_run_lock({state.string(), "campus.toml", *parse_overlap(overlap), "audit campus.toml", std::move(say)});
}

/// A pipe over which processes tell each other of what has happened.
struct Signal {
  Signal() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
  ~Signal() {
    for (const int end : ends) close(end);
  }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void send(int value) const { (void)!write(ends[1], &value, sizeof value); }
  [[nodiscard]] int receive() const {
    int value = -1;
    (void)!read(ends[0], &value, sizeof value);
    return value;
  }
  std::array<int, 2> ends{};
};

/// A process that does something and goes; killed with the test, and its children too.
template <class Work>
pid_t forked(Work work) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // who loses his parent is this process's child
  const pid_t process = fork();
  if (process != 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  _exit(work());
}

void end(pid_t process) {
  kill(process, SIGKILL);
  REQUIRE(waitpid(process, nullptr, 0) == process);
}

/// "R", "S", "Z" for one that has ended and is not yet waited for: only then has it closed all its descriptors.
std::string state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string word;
  for (int i = 0; i < 3; ++i) file >> word;
  return word;
}

int code_of(pid_t process) {
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_CASE("the words of --on-overlap") {
  CHECK(parse_overlap("fail")->policy == Overlap::Policy::fail);
  CHECK(parse_overlap("skip")->policy == Overlap::Policy::skip);
  CHECK_FALSE(parse_overlap("wait")->longest);
  CHECK(*parse_overlap("wait:10m")->longest == std::chrono::minutes(10));
  for (const char* wrong : {"", "Fail", "wait:", "wait:0", "wait:soon", "wait:-1s", "skip:1m", "queue"})
    CHECK_THAT(parse_overlap(wrong).error().message, StartsWith("--on-overlap takes fail, skip, wait, or wait:10m"));
}

TEST_CASE("the second run of an inventory is told who holds the lock, and another inventory has its own") {
  const State state;
  const LockOutcome first = take(state.path);
  REQUIRE(first.lock);
  const LockOutcome second = take(state.path);
  CHECK_FALSE(second.lock);
  CHECK(second.code == 75);
  CHECK_THAT(second.message, StartsWith("another run of campus.toml holds the lock since 20") &&
                                 Contains("Z: pid " + std::to_string(getpid()) + " on ") &&
                                 Contains("; audit campus.toml; nothing was run"));
  LockWish other{state.path.string(), "plant.toml", {}, "audit plant.toml"};
  CHECK(take_run_lock(other).lock);
}

TEST_CASE("a lock that takes another's place gives back what was held there") {
  const State state;
  const State other;
  std::optional<RunLock> lock;
  lock = std::move(take(state.path).lock);
  CHECK(take(state.path).code == 75);
  lock = std::move(take(other.path).lock);
  CHECK(take(state.path).lock);
  CHECK(take(other.path).code == 75);
}

TEST_CASE("the run's id is named once it is known") {
  const State state;
  LockOutcome first = take(state.path);
  first.lock->name_run("20261122T023000-3fa91c");
  CHECK_THAT(take(state.path).message, Contains("; run 20261122T023000-3fa91c; audit campus.toml; nothing was run"));
}

TEST_CASE("skip ends with 0 and says why") {
  const State state;
  const LockOutcome first = take(state.path);
  const LockOutcome second = take(state.path, "skip");
  CHECK_FALSE(second.lock);
  CHECK(second.code == 0);
  CHECK_THAT(second.message, Contains("holds the lock since") && Contains("this one is skipped"));
}

TEST_CASE("a lock that was given back is free, and so is that of an owner who was killed") {
  const State state;
  { CHECK(take(state.path).lock); }
  CHECK(take(state.path).lock);
  const Signal held;
  const pid_t owner = forked([&] {
    const LockOutcome mine = take(state.path);
    held.send(mine.lock ? 1 : 0);
    pause();
    return 0;
  });
  REQUIRE(held.receive() == 1);
  CHECK(take(state.path).code == 75);
  end(owner);
  CHECK(take(state.path).lock);
}

TEST_CASE("the lock is held as long as the supervisor or its work lives, whichever is killed first") {
  for (const bool supervisor_first : {true, false}) {
    const State state;
    const Signal told;
    const pid_t supervisor = forked([&] {
      const LockOutcome mine = take(state.path);
      const pid_t work = fork();
      if (work == 0) {
        told.send(getpid());
        pause();
      }
      pause();
      return mine.lock ? 0 : 1;
    });
    const pid_t work = told.receive();
    REQUIRE(work > 0);
    CHECK(take(state.path).code == 75);
    if (supervisor_first) {
      end(supervisor);
      CHECK(take(state.path).code == 75);
      end(work);
    } else {
      kill(work, SIGKILL);
      while (state_of(work) != "Z") continue;
      CHECK(take(state.path).code == 75);
      end(supervisor);
      (void)waitpid(work, nullptr, 0);
    }
    CHECK(take(state.path).lock);
  }
}

TEST_CASE("work that ends of itself does not give back what its supervisor still holds") {
  const State state;
  LockOutcome mine = take(state.path);
  const pid_t work = forked([&] {
    mine.lock.reset();
    return 0;
  });
  CHECK(code_of(work) == 0);
  CHECK(take(state.path).code == 75);
}

TEST_CASE("a program that the run starts does not inherit the lock") {
  const State state;
  const Signal told;
  const pid_t owner = forked([&] {
    const LockOutcome mine = take(state.path);
    const pid_t program = fork();
    if (program == 0) {
      execlp("sleep", "sleep", "300", nullptr);
      _exit(127);
    }
    const std::string name = "/proc/" + std::to_string(program) + "/comm";
    std::string word;
    while (word != "sleep") std::getline(std::ifstream(name), word);
    told.send(program);
    pause();
    return mine.lock ? 0 : 1;
  });
  const pid_t program = told.receive();
  REQUIRE(program > 0);
  end(owner);
  CHECK(take(state.path).lock);
  CHECK(kill(program, 0) == 0);
  end(program);
}

TEST_CASE("wait begins when the other run is over") {
  const State state;
  std::optional<RunLock> lock = std::move(take(state.path).lock);
  REQUIRE(lock);
  const Signal waiting;
  const pid_t second = forked([&] {
    lock.reset();  // the copy that it was born with
    const auto say = [&](const std::string& text) { waiting.send(text.ends_with("waiting for its end") ? 1 : 0); };
    return take(state.path, "wait", say).lock ? 7 : 8;
  });
  REQUIRE(waiting.receive() == 1);
  CHECK(waitpid(second, nullptr, WNOHANG) == 0);
  lock.reset();
  CHECK(code_of(second) == 7);
}

TEST_CASE("a wait has its bound, and ends with SIGINT and SIGTERM") {
  const State state;
  const LockOutcome first = take(state.path);
  const LockOutcome bounded = take(state.path, "wait:1ms");
  CHECK(bounded.code == 75);
  CHECK_THAT(bounded.message, Contains("waited for 1ms"));
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    const Signal waiting;
    const pid_t second =
        forked([&] { return take(state.path, "wait", [&](const std::string&) { waiting.send(1); }).code; });
    REQUIRE(waiting.receive() == 1);
    kill(second, signal);
    CHECK(code_of(second) == code);
  }
}

TEST_CASE("who waited for a file that was removed meanwhile locks the one that is there now") {
  const State state;
  std::optional<RunLock> lock = std::move(take(state.path).lock);
  const Signal told;
  const Signal go;
  const pid_t second = forked([&] {
    lock.reset();
    const LockOutcome mine = take(state.path, "wait", [&](const std::string&) { told.send(1); });
    told.send(mine.lock ? 2 : 3);
    return go.receive();
  });
  REQUIRE(told.receive() == 1);
  fs::remove(state.lock());
  lock.reset();
  CHECK(told.receive() == 2);
  CHECK(take(state.path).code == 75);
  go.send(0);
  CHECK(code_of(second) == 0);
}

TEST_CASE("whatever stands in a lock file, the message is one line of plain text, and the lock holds") {
  const State state;
  const LockOutcome first = take(state.path);
  for (const std::string& hostile :
       {std::string(), std::string("\xff\xfe\0\x1b[2J", 7), std::string("pid 1\x1b]0;x\a\nhost a\rb\nrun \u202e\n"),
        std::string(1'000'000, 'x'), "pid " + std::string(100'000, '9'), std::string("pid\nhost\n = \n\n"),
        std::string("command \\x1b[31m\\n\n")}) {
    std::ofstream(state.lock(), std::ios::binary) << hostile;
    const LockOutcome second = take(state.path);
    CHECK(second.code == 75);
    CHECK(second.message.size() < 4'000);
    CHECK(second.message.find_first_of("\x1b\r\n\a") == std::string::npos);
    CHECK_THAT(second.message, StartsWith("another run of campus.toml holds the lock") && Contains("nothing was run"));
  }
}

TEST_CASE("what an owner noted is read back, whatever its command holds") {
  const LockNote note{"12", "h\nost", "2026-11-22T02:30:00Z", "", "audit 'a\nb' \\ \x1b"};
  const LockNote read = parse_note(format_note(note));
  CHECK(read.host == note.host);
  CHECK(read.command == note.command);
  CHECK(read.run.empty());
}

TEST_CASE(
    "the lock is a file of its own: a link, a pipe or a second name is refused, and nothing is written through it") {
  const State state;
  std::ofstream(state.path / "precious") << "precious";
  const auto refused = [&](const std::string& why) {
    const LockOutcome outcome = take(state.path);
    CHECK_FALSE(outcome.lock);
    CHECK(outcome.code == 73);
    CHECK_THAT(outcome.message, StartsWith(state.lock().string()) && Contains(why));
    std::stringstream text;
    text << std::ifstream(state.path / "precious").rdbuf();
    CHECK(text.str() == "precious");
    fs::remove(state.lock());
  };
  fs::create_symlink(state.path / "precious", state.lock());
  refused("this is a link");
  fs::create_symlink(state.path / "nowhere", state.lock());
  refused("this is a link");
  CHECK_FALSE(fs::exists(state.path / "nowhere"));
  REQUIRE(mkfifo(state.lock().c_str(), 0600) == 0);
  refused("this is none");
  fs::create_hard_link(state.path / "precious", state.lock());
  refused("another name");
  fs::create_directory(state.lock());
  refused("cannot be opened");
}

TEST_CASE("a state directory is made for nobody else, and one that will not do is named with the reason") {
  const State state;
  CHECK(take(state.path / "new" / "deep/").lock);
  struct stat status {};
  REQUIRE(stat((state.path / "new/deep").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0700);
  REQUIRE(stat((state.path / "new/deep" / lock_name("campus.toml")).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);

  fs::create_directory(state.path / "open");
  fs::permissions(state.path / "open", fs::perms::all);
  CHECK_THAT(take(state.path / "open").message, Contains("everybody may write"));
  std::ofstream(state.path / "file") << "";
  CHECK(take(state.path / "file").code == 73);
  CHECK_THAT(take("/proc/nowhere").message, StartsWith("/proc/nowhere: the folder of the lock cannot be made: "));

  fs::create_directory(state.path / "locked");
  fs::permissions(state.path / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(state.path, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  const int code = code_of(forked([&] {
    if (geteuid() == 0 && (chown((state.path / "locked").c_str(), 65'534, 65'534) != 0 || setuid(65'534) != 0))
      return 1;
    const LockOutcome outcome = take(state.path / "locked");
    return outcome.code == 73 && outcome.message.find("Permission denied") != std::string::npos ? 0 : 2;
  }));
  CHECK(code == 0);
}

TEST_CASE("each way to write an inventory's path leads to one lock") {
  const State state;
  std::ofstream(state.path / "campus.toml") << "";
  fs::create_symlink("campus.toml", state.path / "link.toml");
  const std::string name = lock_name((state.path / "campus.toml").string());
  CHECK(lock_name((state.path / "link.toml").string()) == name);
  CHECK(lock_name((state.path / "." / ".." / state.path.filename() / "campus.toml").string()) == name);
  CHECK(lock_name((state.path / "other.toml").string()) != name);
  CHECK(name.size() == std::string("run-0123456789ab.lock").size());
}

TEST_CASE("a file system that other machines write to is known by its number") {
  CHECK(network_file_system(0x6969) == "NFS");
  CHECK(network_file_system(0xef53).empty());
  CHECK(network_file_system(0x01021994).empty());  // tmpfs
}

}  // namespace
}  // namespace audit::cli
