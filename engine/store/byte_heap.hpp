#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace audit::store {

/// Bytes that are kept until all of them go, each where it is from the first: nothing is moved as they grow. One thread.
class ByteHeap {
 public:
  ByteHeap() = default;
  ByteHeap(ByteHeap&& other) noexcept;
  ByteHeap& operator=(ByteHeap&& other) noexcept;
  ByteHeap(const ByteHeap&) = delete;
  ByteHeap& operator=(const ByteHeap&) = delete;
  ~ByteHeap() = default;

  /// A copy of them, for as long as the heap lives, wherever it is moved to.
  [[nodiscard]] std::string_view keep(std::string_view bytes);
  /// Of all that is kept, and of what was left free behind it.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t usual_block = 256U << 10U;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;  // in the last of them
  std::size_t left_ = 0;
  std::size_t size_ = 0;
};

}  // namespace audit::store
