#include "cli/attendant.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "cli/exit_code.hpp"

namespace audit::cli {
namespace {

constexpr long tick_nanoseconds = 200'000'000;
constexpr auto patience = std::chrono::seconds(5);  // that a stopped run has to end and to write its reports

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);  // the run is over
  return set;
}

}  // namespace

void Attendant::block_signals() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Attendant::Attendant(std::function<void(const std::string&)> stop, std::function<void()> tick, Duration limit)
    : stop_(std::move(stop)), tick_(std::move(tick)), limit_(limit), thread_([this] { attend(); }) {}

Attendant::~Attendant() {
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

void Attendant::attend() {
  const sigset_t set = signals();
  const auto ends = std::chrono::steady_clock::now() + limit_;
  bool stopped = false;
  auto stopped_at = ends;
  while (true) {
    const timespec wait{0, tick_nanoseconds};
    const int signal = sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGUSR1) return;
    std::string why;
    if (signal == SIGINT || signal == SIGTERM) {
      why = signal == SIGINT ? "SIGINT" : "SIGTERM";
      const bool stuck = stopped && std::chrono::steady_clock::now() - stopped_at > patience;
      if (stuck) _exit(signal == SIGINT ? exit_sigint : exit_sigterm);
      if (stopped) why.clear();  // it is ending already: an impatient second signal must not cost the reports
    } else if (!stopped && limit_ > Duration::zero() && std::chrono::steady_clock::now() >= ends) {
      why = "max-runtime";
    }
    if (!why.empty()) {
      stopped = true;
      stopped_at = std::chrono::steady_clock::now();
      stop_(why);
    }
    tick_();
  }
}

}  // namespace audit::cli
