#include "store/byte_heap.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace audit::store {

ByteHeap::ByteHeap(ByteHeap&& other) noexcept { *this = std::move(other); }

ByteHeap& ByteHeap::operator=(ByteHeap&& other) noexcept {
  blocks_ = std::move(other.blocks_);
  free_ = std::exchange(other.free_, nullptr);
  left_ = std::exchange(other.left_, 0);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

std::string_view ByteHeap::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() > left_) {
    const std::size_t room = std::max(usual_block, bytes.size());
    blocks_.push_back(std::unique_ptr<char[]>(new char[room]));
    free_ = blocks_.back().get();
    size_ += std::exchange(left_, room);
  }
  std::memcpy(free_, bytes.data(), bytes.size());
  const std::string_view kept(free_, bytes.size());
  free_ += bytes.size();
  left_ -= bytes.size();
  size_ += bytes.size();
  return kept;
}

}  // namespace audit::store
