#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

namespace audit::lua {

/// One rule on one target.
struct CheckName {
  std::string rule;
  std::string target;

  auto operator<=>(const CheckName&) const = default;
};

/// Which check a shard's thread runs at the moment, in memory that a supervising process shares and reads when the thread
/// is stuck or dead. The shard's thread alone writes it.
class OnCpu {
 public:
  /// `thread`: as the kernel numbers it.
  void begin(int thread) noexcept { thread_.store(thread, std::memory_order_relaxed); }
  /// A check has its turn, until it gives it back.
  void take_turn(std::string_view rule, std::string_view target) noexcept {
    write(rule_, rule);
    write(target_, target);
    turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void give_back() noexcept { turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  [[nodiscard]] int thread() const noexcept { return thread_.load(std::memory_order_relaxed); }
  /// Odd while a check has its turn.
  [[nodiscard]] std::uint64_t turn() const noexcept { return turn_.load(std::memory_order_acquire); }
  [[nodiscard]] CheckName check() const { return {rule_.data(), target_.data()}; }

 private:
  using Text = std::array<char, 512>;
  /// Most turns are of the check that had the last one, and to look costs a tenth of what it costs to write.
  static void write(Text& text, std::string_view name) noexcept {
    const std::size_t size = std::min(name.size(), text.size() - 1);
    if (text[size] == '\0' && std::memcmp(text.data(), name.data(), size) == 0) return;
    std::memcpy(text.data(), name.data(), size);
    text[size] = '\0';
  }

  std::atomic<std::uint64_t> turn_{0};
  std::atomic<int> thread_{0};
  Text rule_{};
  Text target_{};
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);  // another process reads it

/// What stands over a shard's checks, where a process does.
struct Supervision {
  OnCpu* on_cpu = nullptr;
  const std::set<CheckName>* stuck = nullptr;  // end as rule_stuck, and are not begun
};

}  // namespace audit::lua
