#pragma once

#include <cstdint>

namespace audit {

/// A bijection of [0, size) that a seed picks: a balanced Feistel network that walks its cycle until it lands inside.
/// Needs no memory, so the order of a /8 costs nothing, and any prefix of it is a fair sample.
class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t seed) noexcept;
  /// Where `index` lands; `index` must be below size().
  [[nodiscard]] std::uint64_t operator()(std::uint64_t index) const noexcept;
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  [[nodiscard]] std::uint64_t shuffle(std::uint64_t value) const noexcept;

  std::uint64_t size_;
  std::uint64_t seed_;
  unsigned half_bits_;
};

/// One step of SplitMix64 (Steele, Lea, Flood 2014): a well-mixed function of its input.
[[nodiscard]] std::uint64_t mix(std::uint64_t value) noexcept;

}  // namespace audit
