#include "base/child_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace audit {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }
  void set(int number) noexcept { number_ = number; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }
  void close() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor reading;
  Descriptor writing;
  /// 0, or errno.
  [[nodiscard]] int open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    reading.set(ends[0]);
    writing.set(ends[1]);
    return 0;
  }
};

/// Takes the signals that would end this process, as long as it lives; those that somebody handles, ignores or blocks
/// are left to him.
class EndingSignals {
 public:
  EndingSignals() {
    sigset_t taken;
    sigemptyset(&taken);
    ::pthread_sigmask(SIG_BLOCK, nullptr, &before_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction action {};
      const bool deadly = ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL;
      if (deadly && sigismember(&before_, signal) == 0) sigaddset(&taken, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &taken, nullptr);
    arrived_.set(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~EndingSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;

  [[nodiscard]] int number() const noexcept { return arrived_.number(); }
  /// The one that came; 0 for none.
  [[nodiscard]] int take() const {
    signalfd_siginfo about{};
    return ::read(arrived_.number(), &about, sizeof about) == sizeof about ? static_cast<int>(about.ssi_signo) : 0;
  }

 private:
  sigset_t before_{};
  Descriptor arrived_;
};

/// How a program is started: streams, process group, signals.
class Start {
 public:
  Start(int input, int output, int complaint, const std::string& folder) {
    posix_spawn_file_actions_init(&actions_);
    if (input < 0)
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    if (complaint < 0)
      posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, complaint, STDERR_FILENO);
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
  ~Start() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  /// 0, or errno.
  [[nodiscard]] int run(const std::vector<std::string>& command, pid_t& child) const {
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return posix_spawnp(&child, arguments.front(), &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// Takes what there is, and keeps no more than `most`; false at the end of the stream.
bool drain(const Descriptor& from, std::string& into, std::size_t most) {
  std::array<char, std::size_t{1} << 16U> chunk{};
  const ssize_t count = ::read(from.number(), chunk.data(), chunk.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t room = most - std::min(most, into.size());
  into.append(chunk.data(), std::min(room, static_cast<std::size_t>(count)));
  return count > 0;
}

/// One program under way.
struct Run {
  Descriptor output;
  Descriptor complaint;
  Descriptor process;  // readable once it has ended
  ProgramEnd end;
  int signal = 0;  // that ends this process

  /// Until it has ended and said all; false where it has to be killed.
  bool listen(const ProgramLimits& limits, const EndingSignals& signals, Clock::time_point deadline) {
    while (output.number() >= 0 || complaint.number() >= 0 || process.number() >= 0) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      end.how = ProgramEnd::How::late;
      if (left <= 0) return false;
      const bool silent = output.number() < 0 && complaint.number() < 0;  // only then its end is of interest
      std::array<pollfd, 4> waiting{{{output.number(), POLLIN, 0},
                                     {complaint.number(), POLLIN, 0},
                                     {silent ? process.number() : -1, POLLIN, 0},
                                     {signals.number(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000))) < 0) continue;
      if (waiting[3].revents != 0 && (signal = signals.take()) != 0) return false;
      if (waiting[0].revents != 0 && !drain(output, end.output, limits.most_output + 1)) output.close();
      if (waiting[1].revents != 0 && !drain(complaint, end.complaint, limits.most_complaint)) complaint.close();
      if (waiting[2].revents != 0) process.close();
      end.how = ProgramEnd::How::too_much;
      if (end.output.size() > limits.most_output) return false;
    }
    return true;
  }
};

/// A file in memory that holds the bytes, to be read from its beginning: nobody has to feed a program that does not read.
/// 0, or errno.
int hold(std::string_view bytes, Descriptor& held) {
  held.set(::memfd_create("input", MFD_CLOEXEC));
  if (held.number() < 0) return errno;
  while (!bytes.empty()) {
    const ssize_t count = ::write(held.number(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::lseek(held.number(), 0, SEEK_SET) < 0 ? errno : 0;
}

ProgramEnd not_run(int number) {
  ProgramEnd end;
  end.number = number;
  return end;
}

}  // namespace

ProgramEnd run_program(const std::vector<std::string>& command, const std::string& folder, const ProgramLimits& limits,
                       std::string_view input) {
  const Clock::time_point deadline = Clock::now() + limits.timeout;
  Pipe output;
  Pipe complaint;
  Descriptor held;
  if (const int fault = input.empty() ? 0 : hold(input, held); fault != 0) return not_run(fault);
  if (const int fault = output.open(); fault != 0) return not_run(fault);
  if (limits.most_complaint > 0)
    if (const int fault = complaint.open(); fault != 0) return not_run(fault);
  Run run;
  {
    const EndingSignals signals;
    pid_t child = 0;
    const int fault =
        Start(held.number(), output.writing.number(), complaint.writing.number(), folder).run(command, child);
    if (fault != 0) return not_run(fault);
    output.writing.close();
    complaint.writing.close();
    run.output.set(output.reading.release());
    run.complaint.set(complaint.reading.release());
    run.process.set(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));  // Linux 5.3
    if (run.process.number() < 0) run.end.number = errno;
    const bool ended = run.process.number() >= 0 && run.listen(limits, signals, deadline);
    ::kill(-child, SIGKILL);  // it is not reaped yet, so that the group is still its own
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (ended) {
      run.end.how = WIFSIGNALED(status) ? ProgramEnd::How::signalled : ProgramEnd::How::exited;
      run.end.number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  if (run.signal != 0) ::raise(run.signal);
  return std::move(run.end);
}

}  // namespace audit
