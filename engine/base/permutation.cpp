#include "base/permutation.hpp"

#include <bit>

namespace audit {

std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) noexcept
    : size_(size), seed_(mix(seed)),
      half_bits_((static_cast<unsigned>(std::bit_width(size > 1 ? size - 1 : 1)) + 1) / 2) {}

std::uint64_t Permutation::operator()(std::uint64_t index) const noexcept {
  do index = shuffle(index);
  while (index >= size_);
  return index;
}

std::uint64_t Permutation::shuffle(std::uint64_t value) const noexcept {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & mask;
  for (std::uint64_t round = 0; round < 4; ++round) {
    const std::uint64_t next = left ^ (mix(right ^ seed_ ^ (round << 56U)) & mask);
    left = right;
    right = next;
  }
  return (left << half_bits_) | right;
}

}  // namespace audit
