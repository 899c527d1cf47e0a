#include "cli/late_signals.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/drafts.hpp"
#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

constexpr auto pressed_twice = std::chrono::seconds(1);

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set, signal);  // SIGUSR1: the reports are written
  return set;
}

/// On standard error, unless that is what nobody reads.
void say(std::string_view command, std::string_view what, int signal) {
  const std::string line = fmt::format("{}: {}: {}\n", command, signal == SIGINT ? "SIGINT" : "SIGTERM", what);
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) == 1) (void)!write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

LateSignals::LateSignals(std::string command, Ends ends) : command_(std::move(command)), ends_(ends) {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { listen(); });
}

LateSignals::~LateSignals() {
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

void LateSignals::listen() {
  const sigset_t set = signals();
  bool answered = false;
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal == SIGUSR1) return;
    const bool anew = std::chrono::steady_clock::now() - began_ > pressed_twice;
    if (answered || ends_ == Ends::first || (ends_ == Ends::first_after_a_second && anew)) {
      discard_drafts();
      say(command_, "ended at once, and not all reports were written", signal);
      // Writers that have ended are not joined any more; ThreadSanitizer counts them at an _exit of its own.
      std::_Exit(signal == SIGINT ? exit_sigint : exit_sigterm);
    }
    say(command_, "the run has ended, and its reports are being written; a second signal ends the program without them",
        signal);
    answered = true;
  }
}

}  // namespace audit::cli
