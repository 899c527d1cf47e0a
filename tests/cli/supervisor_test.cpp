#include "cli/supervisor.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <ctime>

namespace audit::cli {
namespace {

using lua::CheckName;

const CheckName spinning{"test.spins", "10.0.0.1"};

SupervisorLimits quick() {
  SupervisorLimits limits;
  limits.turn = std::chrono::milliseconds(60);
  limits.look = std::chrono::milliseconds(10);
  return limits;
}

void begin(const Attempt& attempt, const CheckName& check) {
  attempt.shards.front().begin(gettid());
  attempt.shards.front().take_turn(check.rule, check.target);
}

/// Uses the processor for ever.
[[noreturn]] void spin() {
  for (std::atomic<std::uint64_t> i = 0;;) ++i;
}

[[noreturn]] void die() {
  std::signal(SIGSEGV, SIG_DFL);  // Catch2's and the sanitizers' handlers would have a say
  raise(SIGSEGV);
  _exit(99);
}

/// Runs `work` under a supervisor; what it returns in a process of its own ends that process.
template <class Work>
int supervised(Work work, const SupervisorLimits& limits = quick()) {
  return supervise(
      [&](const Attempt& attempt) -> int {
        const int code = work(attempt);
        _exit(code);
      },
      limits);
}

TEST_CASE("the exit code of the work is the supervisor's") {
  CHECK(supervised([](const Attempt&) { return 0; }) == 0);
  CHECK(supervised([](const Attempt& attempt) { return attempt.number == 1 && attempt.stuck.empty() ? 3 : 4; }) == 3);
}

TEST_CASE("a check that holds a processor is ended with its process, and left out of the next") {
  const int code = supervised([](const Attempt& attempt) {
    if (attempt.stuck.empty()) {
      begin(attempt, spinning);
      spin();
    }
    const bool said =
        attempt.deaths.size() == 1 && attempt.deaths[0].find("test.spins on 10.0.0.1 held a processor") == 0;
    return attempt.number == 2 && attempt.stuck == std::set{spinning} && said && attempt.spent.count() > 0 ? 7 : 8;
  });
  CHECK(code == 7);
}

TEST_CASE("turns that are given back are not one long turn, and who waits holds no processor") {
  const int code = supervised([](const Attempt& attempt) {
    attempt.shards.front().begin(gettid());
    const auto used = [] { return std::chrono::nanoseconds(std::clock() * (1'000'000'000 / CLOCKS_PER_SEC)); };
    const auto began = used();
    while (used() - began < 4 * quick().turn) {
      attempt.shards.front().take_turn(spinning.rule, spinning.target);
      attempt.shards.front().give_back();
    }
    attempt.shards.front().take_turn(spinning.rule, spinning.target);
    usleep(300'000);  // a paused machine is not a stuck rule
    return static_cast<int>(attempt.number);
  });
  CHECK(code == 1);
}

TEST_CASE("a check that is on a processor when two processes die is left out") {
  SupervisorLimits patient = quick();
  patient.turn = std::chrono::hours(1);  // to die of a signal can take longer than a quick turn, under a sanitizer
  const auto work = [](const Attempt& attempt) {
    if (attempt.stuck.empty()) {
      begin(attempt, spinning);
      die();
    }
    const bool said = attempt.deaths.size() == 2 && attempt.deaths[0].find("died (signal 11") != std::string::npos &&
                      attempt.deaths[1].find("while it ran test.spins on 10.0.0.1") != std::string::npos;
    return attempt.number == 3 && attempt.stuck == std::set{spinning} && said ? 7 : 8;
  };
  const int code = supervised(work, patient);
  CHECK(code == 7);
}

TEST_CASE("work that dies again and again is given up, and no result is claimed") {
  CHECK(supervised([](const Attempt&) -> int { die(); }) == 70);
}

/// Spins in one check after the other until so many are left out.
int spins_in_turn(const Attempt& attempt, std::size_t checks) {
  const std::size_t known = attempt.stuck.size();
  if (known == checks) return 7;
  begin(attempt, {"test.spins", std::to_string(known)});
  spin();
}

TEST_CASE("work without an end is not given up while each death tells of one more check to leave out") {
  SupervisorLimits endless = quick();
  endless.lasting = std::chrono::hours(1);
  const auto work = [](const Attempt& attempt) { return spins_in_turn(attempt, 7); };
  CHECK(supervised(work, endless) == 7);
  CHECK(supervised(work) == 70);
  CHECK(supervised([](const Attempt&) -> int { die(); }, endless) == 70);
}

TEST_CASE("work that lasted is not counted as an attempt") {
  SupervisorLimits endless = quick();
  endless.lasting = std::chrono::nanoseconds(1);
  CHECK(supervised(
            [](const Attempt& attempt) {
              if (attempt.number > 8) return 7;
              die();
            },
            endless) == 7);
}

TEST_CASE("signals go on to the work that it asked for besides") {
  SupervisorLimits limits = quick();
  limits.also_heard = {SIGUSR1};
  const pid_t self = getpid();
  const int code = supervised(
      [self](const Attempt&) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        kill(self, SIGUSR1);
        int heard = 0;
        sigwait(&set, &heard);
        return heard;
      },
      limits);
  CHECK(code == SIGUSR1);
}

TEST_CASE("a signal that another process sends goes on to the work") {
  const pid_t self = getpid();
  const int code = supervised([self](const Attempt&) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    kill(self, SIGTERM);
    int heard = 0;
    sigwait(&set, &heard);
    return heard;
  });
  CHECK(code == SIGTERM);
}

}  // namespace
}  // namespace audit::cli
