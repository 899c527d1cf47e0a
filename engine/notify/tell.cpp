#include "notify/tell.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <optional>
#include <random>
#include <system_error>
#include <thread>

#include "base/text.hpp"
#include "notify/curl_library.hpp"
#include "notify/delivery.hpp"
#include "notify/message.hpp"
#include "notify/ping.hpp"
#include "notify/reasons.hpp"
#include "notify/stop.hpp"

namespace audit::notify {
namespace {

using Clock = std::chrono::steady_clock;

/// Holds SIGINT and SIGTERM, and SIGPIPE, which a server that goes away would send; inherited by threads.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&asking_);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&asking_, signal);
    sigset_t held = asking_;
    sigaddset(&held, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  /// One that came, after at most `pause`; 0 for none.
  [[nodiscard]] int wait(Duration pause) const {
    const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(pause).count();
    const timespec time{static_cast<time_t>(count / 1'000'000'000), static_cast<long>(count % 1'000'000'000)};
    const int signal = sigtimedwait(&asking_, nullptr, &time);
    return signal > 0 ? signal : 0;
  }
  void release(int signal) const {
    const timespec none{};
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe, nullptr, &none);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    if (signal != 0 && sigismember(&before_, signal) == 0) std::raise(signal);
  }

 private:
  sigset_t asking_{};
  sigset_t before_{};
};

/// One notifier with something to say.
struct Task {
  const NotifySettings* settings = nullptr;
  Message message;
  Outcome outcome;
};

/// Why this notifier is told; nothing where it is not.
std::optional<std::vector<std::string>> why(const NotifySettings& settings, const News& news) {
  const bool pings = settings.kind == NotifierKind::ping;
  if (news.event == Event::test) return std::vector<std::string>{"test"};
  if (pings) return std::vector<std::string>{std::string(stage_of(news))};
  if (news.event == Event::start) return std::nullopt;
  std::vector<std::string> reasons = reasons_of(settings.when, news);
  return reasons.empty() ? std::nullopt : std::optional(std::move(reasons));
}

double chance() {
  thread_local std::minstd_rand numbers{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(numbers);
}

Outcome deliver(const Task& task, const Means& means, Stop& stop) {
  const NotifySettings& settings = *task.settings;
  const Send send = sender_of(settings.kind);
  const auto secret = means.secrets.find(settings.credential);
  if (!settings.credential.empty() && secret == means.secrets.end()) {
    const auto reason = means.missing.find(settings.credential);
    Outcome outcome;
    outcome.notifier = settings.name;
    outcome.message = reason != means.missing.end()
                          ? reason->second
                          : fmt::format("credential `{}` is not there", visible(settings.credential, 100));
    return outcome;
  }
  static const std::string no_secret;
  const std::string& used = settings.credential.empty() ? no_secret : secret->second;
  const auto attempt = [&](Duration timeout) {
    return send(Delivery{settings, task.message, used, means.allow_commands, timeout, stop.flag()});
  };
  const Patience patience{[] { return Instant(Clock::now()); }, [&](Duration pause) { return stop.wait(pause); },
                          chance};
  return persist(settings, attempt, patience);
}

void run(Task& task, const Means& means, Stop& stop) {
  const std::string condition = joined(task.message.reasons);
  try {
    task.outcome = deliver(task, means, stop);
  } catch (const std::exception& failure) {  // no memory, a bug: the audit's result stands all the same
    task.outcome = Outcome();
    task.outcome.notifier = task.settings->name;
    task.outcome.message = fmt::format("internal error: {}", failure.what());
  }
  task.outcome.condition = condition;
  (void)means.scrubber->scrub(task.outcome.message);
}

std::optional<Task> task_of(const NotifySettings& settings, const News& news) {
  auto reasons = why(settings, news);
  if (!reasons) return std::nullopt;
  Task task;
  task.settings = &settings;
  task.message = make_message(news, std::move(*reasons));
  return task;
}

/// Each on a thread of its own, this one listening for signals; gives back the one that came.
int run_all(std::vector<Task>& tasks, const Means& means, const HeldSignals& signals) {
  Stop stop;
  std::atomic<std::size_t> left = tasks.size();
  std::vector<std::thread> threads;
  threads.reserve(tasks.size());
  for (Task& task : tasks) {
    const auto work = [&] {
      run(task, means, stop);
      --left;
    };
    try {
      threads.emplace_back(work);
    } catch (const std::system_error&) {  // no thread to be had: one after the other, then
      work();
    }
  }
  int signal = 0;
  constexpr Duration look = std::chrono::milliseconds(20);
  while (left > 0) {
    const int came = signals.wait(look);
    if (came != 0 && signal == 0) {
      signal = came;
      stop.ask();
    }
  }
  for (std::thread& thread : threads) thread.join();
  return signal;
}

}  // namespace

std::vector<Outcome> tell(const std::vector<NotifySettings>& notifiers, const News& news, const Means& means) {
  std::vector<Task> tasks;
  for (const NotifySettings& settings : notifiers)
    if (std::optional<Task> task = task_of(settings, news)) tasks.push_back(std::move(*task));
  if (tasks.empty()) return {};
  (void)curl_library();  // before there are threads that use it; who needs it tells where it is not there
  const HeldSignals signals;
  signals.release(run_all(tasks, means, signals));
  std::vector<Outcome> outcomes;
  for (Task& task : tasks) outcomes.push_back(std::move(task.outcome));
  return outcomes;
}

bool would_tell(const NotifySettings& notifier, const News& news) { return why(notifier, news).has_value(); }

Outcome tell_one(const NotifySettings& notifier, const News& news, const Means& means, Stop& stop) {
  std::optional<Task> task = task_of(notifier, news);
  if (!task) return {};
  (void)curl_library();
  run(*task, means, stop);
  return std::move(task->outcome);
}

}  // namespace audit::notify
