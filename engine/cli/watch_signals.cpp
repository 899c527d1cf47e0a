#include "cli/watch_signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

constexpr auto patience = std::chrono::seconds(5);  // that a stopped round has to end

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
    sigaddset(&set, signal);  // SIGUSR2: the watch is over
  return set;
}

/// A terminal that hung up is none any more.
bool has_terminal() { return isatty(STDIN_FILENO) == 1 || isatty(STDERR_FILENO) == 1; }

}  // namespace

void WatchSignals::block() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

WatchSignals::WatchSignals() : on_terminal_(has_terminal()), thread_([this] { listen(); }) {}

WatchSignals::~WatchSignals() {
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void WatchSignals::listen() {
  const sigset_t set = signals();
  auto stopped_at = std::chrono::steady_clock::time_point::max();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal == SIGUSR2) return;
    if (signal == SIGUSR1) {
      want(summary_wanted_);
      continue;
    }
    if (signal == SIGHUP) {
      if (on_terminal_ && !has_terminal())
        stop("SIGHUP");
      else
        want(reload_wanted_);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now > stopped_at && now - stopped_at > patience) _exit(signal == SIGINT ? exit_sigint : exit_sigterm);
    stopped_at = std::min(stopped_at, now);
    stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

void WatchSignals::want(bool& what) {
  const std::lock_guard lock(mutex_);
  what = true;
  changed_.notify_all();
}

void WatchSignals::stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!stopped_by_.empty()) return;  // an impatient second signal
  stopped_by_ = why;
  if (run_ != nullptr) run_->stop();
  changed_.notify_all();
}

bool WatchSignals::serve(std::unique_lock<std::mutex>& lock, const Asked& asked) {
  const bool summary = std::exchange(summary_wanted_, false);
  const bool reload = std::exchange(reload_wanted_, false);
  if (!summary && !reload) return false;
  lock.unlock();
  if (summary) asked.summarize();
  if (reload) asked.reload();
  lock.lock();
  return true;
}

bool WatchSignals::wait_until(Instant then, const Asked& asked) {
  std::unique_lock lock(mutex_);
  while (stopped_by_.empty()) {
    if (serve(lock, asked)) continue;
    if (std::chrono::steady_clock::now() >= then) return true;
    changed_.wait_until(lock, then);
  }
  return false;
}

void WatchSignals::begin(core::Run& run) {
  const std::lock_guard lock(mutex_);
  run_ = &run;
  if (!stopped_by_.empty()) run.stop();
}

void WatchSignals::end() {
  const std::lock_guard lock(mutex_);
  run_ = nullptr;
}

std::string WatchSignals::stopped_by() {
  const std::lock_guard lock(mutex_);
  return stopped_by_;
}

}  // namespace audit::cli
