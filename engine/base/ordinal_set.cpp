#include "base/ordinal_set.hpp"

namespace audit {

bool OrdinalSet::insert(std::uint64_t ordinal) {
  const std::uint64_t bit = ordinal % page_bits;
  std::uint64_t& word = pages_[ordinal / page_bits].at(bit / 64);
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  if ((word & mask) != 0) return false;
  word |= mask;
  ++size_;
  return true;
}

bool OrdinalSet::contains(std::uint64_t ordinal) const noexcept {
  const auto page = pages_.find(ordinal / page_bits);
  const std::uint64_t bit = ordinal % page_bits;
  return page != pages_.end() && (page->second.at(bit / 64) >> (bit % 64) & 1U) != 0;
}

}  // namespace audit
