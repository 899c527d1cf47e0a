#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "lua/on_cpu.hpp"

namespace audit::cli {

/// The id of the run that the work has begun in the history, where the processes after it see it too.
class RunMark {
 public:
  void name(std::string_view id) noexcept;
  [[nodiscard]] std::string id() const;  // "" where none was begun

 private:
  std::array<char, 64> id_{};
  std::atomic<std::size_t> size_{0};
};

/// One process that does the work, and what became of those before it.
struct Attempt {
  std::uint32_t number = 1;
  std::set<lua::CheckName> stuck;    // checks that are not begun again
  std::vector<std::string> deaths;   // how each attempt before it ended
  std::vector<std::string> notices;  // of what is not watched
  Duration spent{};                  // since the first attempt began
  RunMark* run = nullptr;            // null where nobody would look
  std::span<lua::OnCpu> shards;      // where the work shows what it is at; empty where nobody looks
};

struct SupervisorLimits {
  Duration turn = std::chrono::seconds(20);        // of processor time, that one turn of a check may take
  Duration look = std::chrono::milliseconds(500);  // how often it is looked at
  std::uint32_t attempts = 5;
  Duration lasting =
      Duration::max();          // work that lasted longer, or whose death tells of one more check to leave out, had its
                                // attempt and is not counted: a watch goes on for days
  std::vector<int> also_heard;  // signals that go on to the work besides
};

/// Does the work in a process of its own and returns its exit code; the last line behind the budgets of Lua. A check that
/// holds a processor for longer than a turn may take, or is on one when two processes die, is left out of the next
/// attempt. SIGINT and SIGTERM go on to the work. To be called before any thread is started.
[[nodiscard]] int supervise(const std::function<int(const Attempt&)>& work,
                            const SupervisorLimits& limits = SupervisorLimits());

}  // namespace audit::cli
