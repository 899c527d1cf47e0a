#pragma once

#include <array>
#include <cstdint>

namespace audit {

/// Some of the 256 bytes.
class ByteSet {
 public:
  constexpr void add(unsigned char byte) noexcept { words_[byte >> 6U] |= std::uint64_t{1} << (byte & 63U); }
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
  std::array<std::uint64_t, 4> words_{};
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
