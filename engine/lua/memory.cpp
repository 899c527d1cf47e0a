#include "lua/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace audit::lua {
namespace {

constexpr std::size_t largest_block = 96U << 20U;
constexpr std::size_t most_between_looks = 1U << 20U;

struct alignas(16) Header {
  Tag* tag;
};

Header* header_of(void* block) noexcept { return static_cast<Header*>(block) - 1; }

}  // namespace

void Tag::end() noexcept {
  ended_ = true;
  if (used_ == 0) delete this;
}

void Memory::charge(Tag* tag, lua_State* running, std::size_t most) noexcept {
  tag_ = tag;
  running_ = running;
  most_ = most;
}

void Memory::credit(Tag* tag, std::size_t size) noexcept {
  total_ -= size;
  if (tag == nullptr) return;
  tag->used_ -= size;
  if (tag->ended_ && tag->used_ == 0) delete tag;
}

void* Memory::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) noexcept {
  Memory& memory = *static_cast<Memory*>(self);
  if (new_size == 0) {
    if (block == nullptr) return nullptr;
    memory.credit(header_of(block)->tag, old_size);
    std::free(header_of(block));
    return nullptr;
  }
  if (new_size > largest_block) return nullptr;
  Tag* tag = block != nullptr ? header_of(block)->tag : memory.tag_;
  const std::size_t before = block != nullptr ? old_size : 0;
  void* grown = std::realloc(block != nullptr ? header_of(block) : nullptr, sizeof(Header) + new_size);
  if (grown == nullptr) return nullptr;
  Header* header = static_cast<Header*>(grown);
  header->tag = tag;
  memory.total_ += new_size - before;
  if (tag != nullptr) {
    tag->used_ += new_size - before;
    if (new_size > before) tag->allocated_ += new_size - before;
    const bool is_object = block == nullptr && old_size != 0;  // Lua tells its type in place of a size
    if (!is_object) tag->largest_ = std::max(tag->largest_, new_size);
    const bool worth_a_look = tag->used_ > memory.most_ || tag->allocated_ > most_between_looks;
    if (worth_a_look && tag == memory.tag_ && memory.running_ != nullptr)
      lua_sethook(memory.running_, memory.hook_, LUA_MASKCOUNT | (lua_gethookmask(memory.running_) & LUA_MASKLINE), 1);
  }
  return header + 1;
}

}  // namespace audit::lua
