#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace audit {

/// A set of numbers that lie close together here and there: a bit each, in pages made on demand.
class OrdinalSet {
 public:
  /// False where it was in it already.
  bool insert(std::uint64_t ordinal);
  [[nodiscard]] bool contains(std::uint64_t ordinal) const noexcept;
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  static constexpr std::uint64_t page_bits = 4'096;
  using Page = std::array<std::uint64_t, page_bits / 64>;
  std::unordered_map<std::uint64_t, Page> pages_;
  std::uint64_t size_ = 0;
};

}  // namespace audit
