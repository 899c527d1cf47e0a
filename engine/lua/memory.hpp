#pragma once

#include <cstddef>
#include <utility>

#include "lua/lua.hpp"

namespace audit::lua {

/// What the blocks of one check hold. Freed blocks are credited to the check that made them, whenever the collector
/// comes; the tag lives until its check has ended and its last block is gone.
class Tag {
 public:
  [[nodiscard]] static Tag* create() { return new Tag; }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  /// What was allocated since this was asked last, whether or not it is still held.
  [[nodiscard]] std::size_t take_allocated() noexcept { return std::exchange(allocated_, 0); }
  /// The largest block so far that is no text, in bytes: no table takes more, nor longer to walk, emptied or not.
  [[nodiscard]] std::size_t largest_block() const noexcept { return largest_; }
  /// The check is over; the tag goes with its last block.
  void end() noexcept;

 private:
  friend class Memory;
  std::size_t used_ = 0;
  std::size_t allocated_ = 0;
  std::size_t largest_ = 0;
  bool ended_ = false;
};

/// The allocator of one Lua state. It never refuses a check that is over its cap (a refusal would make Lua collect
/// everything): it asks for the hook at the next instruction, which ends the check, and so after much was allocated by
/// few instructions. Single blocks of absurd size are refused.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Until the next call, blocks belong to `tag` (null: to the state itself) and `running` is hooked past `most` bytes.
  void charge(Tag* tag, lua_State* running, std::size_t most) noexcept;
  void on_overdraft(lua_Hook hook) noexcept { hook_ = hook; }
  [[nodiscard]] std::size_t total() const noexcept { return total_; }

  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) noexcept;

 private:
  void credit(Tag* tag, std::size_t size) noexcept;

  Tag* tag_ = nullptr;
  lua_State* running_ = nullptr;
  std::size_t most_ = 0;
  std::size_t total_ = 0;
  lua_Hook hook_ = nullptr;
};

}  // namespace audit::lua
