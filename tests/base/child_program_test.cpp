#include "base/child_program.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace audit;
using namespace std::chrono_literals;
using How = ProgramEnd::How;

namespace {

ProgramEnd end_of(std::vector<std::string> command, Duration timeout = 30s, std::size_t most = 100) {
  ProgramLimits limits;
  limits.timeout = timeout;
  limits.most_output = most;
  limits.most_complaint = 10;
  return run_program(command, "/", limits);
}

/// Until it holds; false after a minute.
template <class Holds>
bool in_time(Holds holds) {
  const auto began = std::chrono::steady_clock::now();
  while (!holds()) {
    if (std::chrono::steady_clock::now() - began > 60s) return false;
    std::this_thread::yield();
  }
  return true;
}

bool is_gone(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string skipped;
  std::string state;
  return !(file >> skipped >> skipped >> state) || state == "Z" || state == "X";
}

}  // namespace

TEST_CASE("a program is run without a shell, with an empty standard input, in its folder") {
  CHECK(end_of({"echo", "a b", "$HOME;*"}).output == "a b $HOME;*\n");
  const ProgramEnd end = end_of({"sh", "-c", "cat; pwd; echo complaints and more >&2"});
  CHECK(end.how == How::exited);
  CHECK(end.number == 0);
  CHECK(end.output == "/\n");
  CHECK(end.complaint == "complaints");
}

TEST_CASE("how a program ended is told apart") {
  CHECK(end_of({"sh", "-c", "exit 3"}).number == 3);
  CHECK(end_of({"sh", "-c", "kill -TERM $$"}).how == How::signalled);
  CHECK(end_of({"sh", "-c", "kill -TERM $$"}).number == SIGTERM);
  CHECK(end_of({"/nowhere/program"}).how == How::not_run);
  CHECK(end_of({"/nowhere/program"}).number == ENOENT);
  CHECK(end_of({"sleep", "300"}, 100ms).how == How::late);
  CHECK(end_of({"sh", "-c", "exec >&- 2>&-; exec sleep 300"}, 100ms).how == How::late);
  CHECK(end_of({"yes"}).how == How::too_much);
  CHECK(end_of({"printf", "abc"}, 30s, 3).how == How::exited);
}

TEST_CASE("a signal that ends this process ends the program and what it started first") {
  std::string folder = (std::filesystem::temp_directory_path() / "audit-program-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string note = folder + "/pid";
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::filesystem::remove(note);
    const pid_t caller = ::fork();
    REQUIRE(caller >= 0);
    if (caller == 0) {
      ::signal(signal, SIG_DFL);
      static_cast<void>(
          end_of({"sh", "-c", "sleep 300 & echo $! > " + note + ".new; mv " + note + ".new " + note + "; wait"}, 120s));
      ::_exit(0);
    }
    CHECK(in_time([&] { return std::filesystem::exists(note); }));
    pid_t grandchild = 0;
    std::ifstream(note) >> grandchild;
    REQUIRE(grandchild > 0);
    ::kill(caller, signal);
    int status = 0;
    CHECK(in_time([&] { return ::waitpid(caller, &status, WNOHANG) == caller; }));
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    CHECK(in_time([&] { return is_gone(grandchild); }));
  }
  std::filesystem::remove_all(folder);
}
