#include "cli/watch_signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

constexpr auto patience = std::chrono::seconds(5);  // that a stopped round has to end

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);  // SIGUSR2: the watch is over
  return set;
}

}  // namespace

void WatchSignals::block() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

WatchSignals::WatchSignals() : thread_([this] { listen(); }) {}

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
      const std::lock_guard lock(mutex_);
      summary_wanted_ = true;
      changed_.notify_all();
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now > stopped_at && now - stopped_at > patience) _exit(signal == SIGINT ? exit_sigint : exit_sigterm);
    stopped_at = std::min(stopped_at, now);
    stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

void WatchSignals::stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!stopped_by_.empty()) return;  // an impatient second signal
  stopped_by_ = why;
  if (run_ != nullptr) run_->stop();
  changed_.notify_all();
}

bool WatchSignals::wait_until(Instant then, const std::function<void()>& summarize) {
  std::unique_lock lock(mutex_);
  while (stopped_by_.empty()) {
    if (summary_wanted_) {
      summary_wanted_ = false;
      lock.unlock();
      summarize();
      lock.lock();
      continue;
    }
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
