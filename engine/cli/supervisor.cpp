#include "cli/supervisor.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <new>
#include <optional>
#include <sstream>
#include <thread>

#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

using lua::CheckName;
using lua::OnCpu;

/// Memory that a process and the one it starts both see.
class Board {
 public:
  explicit Board(std::size_t shards)
      : size_(shards * sizeof(OnCpu) + sizeof(RunMark)),
        memory_(mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)), shards_(shards) {
    if (memory_ == MAP_FAILED) return;
    wipe();
    run_ = new (cells_ + shards_) RunMark();
  }
  ~Board() {
    if (memory_ != MAP_FAILED) munmap(memory_, size_);
  }
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  [[nodiscard]] bool good() const noexcept { return memory_ != MAP_FAILED; }
  void wipe() { cells_ = new (memory_) OnCpu[shards_]; }
  [[nodiscard]] std::span<OnCpu> shards() const noexcept { return {cells_, shards_}; }
  [[nodiscard]] RunMark* run() const noexcept { return run_; }

 private:
  std::size_t size_;
  void* memory_;
  std::size_t shards_;
  OnCpu* cells_ = nullptr;
  RunMark* run_ = nullptr;
};
static_assert(alignof(OnCpu) % alignof(RunMark) == 0 && std::atomic<std::size_t>::is_always_lock_free);

/// The processor time that a thread of another process has had; none where the kernel does not tell.
std::optional<Duration> processor_time(pid_t process, int thread) {
  std::ifstream file(fmt::format("/proc/{}/task/{}/stat", process, thread));
  std::string text;
  std::getline(file, text, '\0');
  const std::size_t name_ends = text.rfind(')');  // proc(5): the name before it may hold anything
  if (name_ends == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_ends + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0;
  long kernel = 0;
  if (!(fields >> user >> kernel)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(user + kernel) /
                                              static_cast<double>(sysconf(_SC_CLK_TCK)));
}

/// How long each shard's turn has lasted, in processor time, as one look after another sees it.
class Turns {
 public:
  Turns(pid_t process, std::span<const OnCpu> shards) : process_(process), shards_(shards), seen_(shards.size()) {}

  /// The check whose turn has taken longer than it may.
  [[nodiscard]] std::optional<CheckName> look(Duration most) {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const std::uint64_t turn = shards_[i].turn();
      if (turn % 2 == 0) continue;
      const std::optional<Duration> time = processor_time(process_, shards_[i].thread());
      if (!time) continue;
      if (seen_[i].turn != turn) {
        seen_[i] = {turn, *time};
      } else if (*time - seen_[i].since > most && shards_[i].turn() == turn) {
        return shards_[i].check();
      }
    }
    return std::nullopt;
  }

 private:
  struct Seen {
    std::uint64_t turn = 0;
    Duration since{};
  };
  pid_t process_;
  std::span<const OnCpu> shards_;
  std::vector<Seen> seen_;
};

/// How a process ended.
struct End {
  int status = 0;
  std::optional<CheckName> stuck;  // why it was ended
};

sigset_t heard(const SupervisorLimits& limits) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&set, signal);
  for (const int signal : limits.also_heard) sigaddset(&set, signal);
  return set;
}

End watch(pid_t process, std::span<const OnCpu> shards, const SupervisorLimits& limits) {
  const sigset_t set = heard(limits);
  const auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(limits.look).count();
  const timespec wait{static_cast<time_t>(pause / 1'000'000'000), static_cast<long>(pause % 1'000'000'000)};
  Turns turns(process, shards);
  End end;
  while (true) {
    siginfo_t about{};
    const int signal = sigtimedwait(&set, &about, &wait);
    // A terminal's goes to the whole group, the work too; what a process sends, and that the terminal hung up, goes to
    // this one alone.
    if (signal > 0 && signal != SIGCHLD && (about.si_code <= 0 || signal == SIGHUP)) kill(process, signal);
    if (waitpid(process, &end.status, WNOHANG) == process) return end;
    if (end.stuck) continue;
    end.stuck = turns.look(limits.turn);
    if (end.stuck) kill(process, SIGKILL);
  }
}

std::string describe(const CheckName& check) {
  return fmt::format("{} on {}", visible(check.rule), visible(check.target));
}

/// Ends this process as its work was ended, by whoever asked for that.
void end_likewise(int signal, const sigset_t& mask) {
  std::signal(signal, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  raise(signal);
}

bool was_asked_for(int signal) {
  const std::array<int, 5> asking{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
  return std::find(asking.begin(), asking.end(), signal) != asking.end();
}

/// What is learnt from each process that died.
class History {
 public:
  /// What happened, for the user and the report; takes the checks to be left out from now on into `stuck`.
  std::string learn(const End& end, std::span<const OnCpu> shards, Duration turn, std::set<CheckName>& stuck) {
    if (end.stuck) {
      stuck.insert(*end.stuck);
      return fmt::format("{} held a processor for more than {} s without a pause, so its process was ended",
                         describe(*end.stuck), seconds(turn));
    }
    std::string running;
    for (const OnCpu& shard : shards) {
      if (shard.turn() % 2 == 0) continue;
      const CheckName check = shard.check();
      running += (running.empty() ? " while it ran " : " and ") + describe(check);
      if (!suspects_.insert(check).second) stuck.insert(check);
    }
    return fmt::format("the process that did the work died (signal {}, {}){}", WTERMSIG(end.status),
                       strsignal(WTERMSIG(end.status)), running);
  }

 private:
  std::set<CheckName> suspects_;
};

}  // namespace

void RunMark::name(std::string_view id) noexcept {
  const std::size_t size = id.copy(id_.data(), id_.size());
  size_.store(size, std::memory_order_release);
}

std::string RunMark::id() const { return {id_.data(), size_.load(std::memory_order_acquire)}; }

int supervise(const std::function<int(const Attempt&)>& work, const SupervisorLimits& limits) {
  const auto began = std::chrono::steady_clock::now();
  Board board(std::max(1U, std::thread::hardware_concurrency()));
  Attempt attempt;
  if (!board.good()) {
    attempt.notices.push_back(fmt::format("nothing watched for rules that hold a processor: {}", std::strerror(errno)));
    return work(attempt);
  }
  attempt.run = board.run();
  const sigset_t set = heard(limits);
  sigset_t before{};
  sigprocmask(SIG_BLOCK, &set, &before);
  std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the work's exit code along
  const pid_t self = getpid();
  History history;
  std::uint32_t died = 0;  // of those that count
  for (;; ++attempt.number) {
    const auto attempt_began = std::chrono::steady_clock::now();
    const std::size_t known = attempt.stuck.size();
    board.wipe();
    attempt.shards = board.shards();
    std::cout.flush();
    std::cerr.flush();
    const pid_t process = fork();
    if (process <= 0) {
      sigprocmask(SIG_SETMASK, &before, nullptr);
      if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != self) _exit(exit_internal);
      } else {
        attempt.shards = {};
        attempt.notices.push_back(
            fmt::format("nothing watched for rules that hold a processor: {}", std::strerror(errno)));
      }
      return work(attempt);
    }
    const End end = watch(process, board.shards(), limits);
    if (WIFEXITED(end.status)) {
      sigprocmask(SIG_SETMASK, &before, nullptr);
      return WEXITSTATUS(end.status);
    }
    if (!end.stuck && was_asked_for(WTERMSIG(end.status))) end_likewise(WTERMSIG(end.status), before);
    const std::string what = history.learn(end, board.shards(), limits.turn, attempt.stuck);
    const auto now = std::chrono::steady_clock::now();
    const bool endless = limits.lasting != Duration::max();
    if (endless && (now - attempt_began > limits.lasting || attempt.stuck.size() > known)) died = 0;
    if (++died >= limits.attempts) {
      std::cerr << "audit: internal error: " << what << ", at the last of " << limits.attempts
                << " attempts\nThis is a bug of the program; "
                << (board.run()->id().empty()
                        ? "the run's result is not known.\n"
                        : "what was kept of run " + board.run()->id() + " is in the history: audit history show\n");
      return exit_internal;
    }
    std::cerr << "audit: " << what << "; another process takes over\n";
    attempt.deaths.push_back(what);
    attempt.spent = now - began;
  }
}

}  // namespace audit::cli
