#pragma once

#include <array>
#include <cstdint>

namespace audit {

/// Some of the 256 bytes. Undefined until it is assigned one.
class ByteSet {
 public:
  [[nodiscard]] static constexpr ByteSet none() noexcept {
    ByteSet set;
    set.words_ = {};
    return set;
  }

  constexpr void add(unsigned char byte) noexcept { words_[byte >> 6U] |= std::uint64_t{1} << (byte & 63U); }
  /// Adds first to last, none where last comes first.
  constexpr void add(unsigned char first, unsigned char last) noexcept {
    for (unsigned i = first >> 6U; first <= last && i <= last >> 6U; ++i) {
      std::uint64_t part = ~std::uint64_t{0};
      if (i == first >> 6U) part &= ~std::uint64_t{0} << (first & 63U);
      if (i == last >> 6U) part &= ~std::uint64_t{0} >> (63U - (last & 63U));
      words_[i] |= part;
    }
  }
  constexpr void add(const ByteSet& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  constexpr void invert() noexcept {
    for (std::uint64_t& word : words_) word = ~word;
  }
  [[nodiscard]] constexpr bool has(char byte) const noexcept {
    const auto number = static_cast<unsigned char>(byte);
    return ((words_[number >> 6U] >> (number & 63U)) & 1U) != 0;
  }

 private:
  std::array<std::uint64_t, 4> words_;
};

/// What `%letter` stands for in Lua's patterns, in the C locale; null where the letter names no class.
[[nodiscard]] const ByteSet* pattern_class(char letter) noexcept;
/// Every byte: the dot.
[[nodiscard]] const ByteSet* pattern_dot() noexcept;

/// A set begins at `[`. The byte behind its `]`, or null where there is none before `end`.
[[nodiscard]] const char* end_of_set(const char* begin, const char* end) noexcept;
/// What the set from `[` to behind its `]` stands for.
[[nodiscard]] ByteSet read_set(const char* begin, const char* end) noexcept;

}  // namespace audit
