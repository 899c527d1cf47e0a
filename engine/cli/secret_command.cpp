#include "cli/secret_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>

#include "base/text.hpp"
#include "cli/secret_file.hpp"

namespace audit::cli {
namespace {

using Clock = std::chrono::steady_clock;

Error missing(std::string text) { return {Reason::missing_credential, std::move(text)}; }

/// How a program is started: streams, process group, signals.
class Plan {
 public:
  Plan(int output, const std::string& folder) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Plan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// 0, or the number of the error.
  [[nodiscard]] int start(const std::vector<std::string>& command, pid_t& pid) const {
    std::vector<char*> words;
    for (const std::string& word : command)
      words.push_back(const_cast<char*>(word.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): never written
    words.push_back(nullptr);
    return posix_spawnp(&pid, words.front(), &actions_, &attributes_, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

int milliseconds_to(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(0, left));
}

/// Reads to the end, or to one byte more than a secret may have; false where the deadline came first.
bool read_output(int pipe, Clock::time_point deadline, std::string& output) {
  std::array<char, 4'096> buffer{};
  while (output.size() <= longest_secret) {
    pollfd waiting{pipe, POLLIN, 0};
    const int ready = poll(&waiting, 1, milliseconds_to(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = read(pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return true;
}

/// Waits for its end; false where the deadline came first, or where this kernel cannot tell.
bool await_end(pid_t pid, Clock::time_point deadline) {
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return false;
  pollfd waiting{process, POLLIN, 0};
  int ready = poll(&waiting, 1, milliseconds_to(deadline));
  while (ready < 0 && errno == EINTR) ready = poll(&waiting, 1, milliseconds_to(deadline));
  close(process);
  return ready > 0;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

}  // namespace

Result<std::string> run_secret_command(const std::vector<std::string>& command, Duration timeout,
                                       const std::string& folder) {
  const Clock::time_point deadline = Clock::now() + timeout;
  const std::string shown = visible(command.front());
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return missing(fmt::format("has a command that cannot be run: {}", std::generic_category().message(errno)));
  pid_t pid = 0;
  const int fault = Plan(ends[1], folder).start(command, pid);
  close(ends[1]);
  if (fault != 0) {
    close(ends[0]);
    return missing(
        fmt::format("has a command that cannot be run: {}: {}", shown, std::generic_category().message(fault)));
  }
  std::string output;
  const bool said = read_output(ends[0], deadline, output);
  close(ends[0]);
  const bool too_long = output.size() > longest_secret;
  const bool ended = said && !too_long && await_end(pid, deadline);
  kill(-pid, SIGKILL);  // it is not reaped yet, so that the group is still its own
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (too_long) return missing(fmt::format("has a command that said more than {} bytes: {}", longest_secret, shown));
  if (!ended)
    return missing(
        fmt::format("has a command that took longer than its timeout of {}: {}", format_duration(timeout), shown));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return missing(
        fmt::format("has a command that {}: {}; run it by hand to see what it says", how_it_ended(status), shown));
  if (output.empty()) return missing(fmt::format("has a command that said nothing: {}", shown));
  return output;
}

}  // namespace audit::cli
