#include "cli/run_lock.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long look_nanoseconds = 200'000'000;  // between two looks at a lock that is waited for

/// Keeps SIGINT and SIGTERM for the one who waits.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// The signal that came meanwhile; 0 or less for none.
  [[nodiscard]] int wait() const {
    const timespec pause{0, look_nanoseconds};
    return sigtimedwait(&set_, nullptr, &pause);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

LockNote note_of(const std::string& command) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  (void)gethostname(host.data(), host.size() - 1);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return {std::to_string(getpid()), host.data(), format_utc(now).substr(0, 19) + "Z", "", command};
}

LockOutcome refused(int code, std::string message) { return {std::nullopt, code, std::move(message), {}}; }

/// Asks for the lock again and again; nothing where it is free, else how the wait ended.
std::optional<LockOutcome> wait_for(LockFile& file, const LockWish& wish, const std::string& holder) {
  const HeldSignals signals;
  const Clock::time_point began = Clock::now();
  if (wish.say) wish.say(fmt::format("{}; waiting for its end", holder));
  while (true) {
    const Result<bool> taken = file.try_lock();
    if (!taken) return refused(exit_report, taken.error().message);
    if (*taken) return std::nullopt;
    const std::optional<Duration>& longest = wish.overlap.longest;
    if (longest && Clock::now() - began >= *longest)
      return refused(exit_overlap,
                     fmt::format("{}; waited for {}, and ran nothing", holder, format_duration(*longest)));
    const int signal = signals.wait();
    if (signal == SIGINT) return refused(exit_sigint, fmt::format("{}; SIGINT ended the wait for it", holder));
    if (signal == SIGTERM) return refused(exit_sigterm, fmt::format("{}; SIGTERM ended the wait for it", holder));
  }
}

/// What becomes of a lock that another has; nothing where it is ours after all.
std::optional<LockOutcome> overlapped(LockFile& file, const LockWish& wish) {
  const std::string holder = fmt::format("another run of {} holds the lock{}", visible(wish.inventory),
                                         describe_note(parse_note(file.read())));
  switch (wish.overlap.policy) {
    case Overlap::Policy::fail: return refused(exit_overlap, holder + "; nothing was run");
    case Overlap::Policy::skip: return refused(exit_complete, holder + "; this one is skipped (--on-overlap skip)");
    case Overlap::Policy::wait: break;
  }
  return wait_for(file, wish, holder);
}

}  // namespace

void RunLock::name_run(const std::string& id) {
  note_.run = id;
  file_.write(format_note(note_));
}

bool RunLock::is_in(const std::string& directory) const {
  std::error_code failure;
  return std::filesystem::equivalent(directory_, directory, failure);
}

LockOutcome take_run_lock(const LockWish& wish) {
  while (true) {
    Result<LockFile> file = LockFile::open(wish.state_dir, lock_name(wish.inventory));
    if (!file) return refused(exit_report, file.error().message);
    const Result<bool> taken = file->try_lock();
    if (!taken) return refused(exit_report, taken.error().message);
    if (!*taken)
      if (std::optional<LockOutcome> ended = overlapped(*file, wish)) return std::move(*ended);
    if (!file->is_current()) continue;
    LockOutcome outcome;
    if (const std::string network = file->on_network(); !network.empty())
      outcome.notice = fmt::format("{} is on {}: whether its lock keeps runs of other machines out is for that to say",
                                   visible(wish.state_dir), network);
    LockNote note = note_of(wish.command);
    file->write(format_note(note));
    outcome.lock.emplace(std::move(*file), std::move(note), wish.state_dir);
    return outcome;
  }
}

}  // namespace audit::cli
