#include "base/pattern_set.hpp"

#include <string_view>

// Classes and sets as the manual of Lua 5.4 has them (section 6.4.1, "Character Class"); what it leaves open (a range
// that begins or ends with a class) is as its implementation does it.

namespace audit {
namespace {

constexpr std::string_view class_letters = "acdglpsuwxz";  // z: the zero byte, of older versions

constexpr bool is_between(int byte, char first, char last) { return byte >= first && byte <= last; }

constexpr bool is_of_class(char letter, int byte) {
  const bool upper = is_between(byte, 'A', 'Z');
  const bool lower = is_between(byte, 'a', 'z');
  const bool digit = is_between(byte, '0', '9');
  const bool visible = is_between(byte, '!', '~');
  switch (letter) {
    case 'a': return upper || lower;
    case 'c': return byte < ' ' || byte == 0x7f;
    case 'd': return digit;
    case 'g': return visible;
    case 'l': return lower;
    case 'p': return visible && !upper && !lower && !digit;
    case 's': return byte == ' ' || is_between(byte, '\t', '\r');
    case 'u': return upper;
    case 'w': return upper || lower || digit;
    case 'x': return digit || is_between(byte, 'A', 'F') || is_between(byte, 'a', 'f');
    default: return byte == 0;
  }
}

/// Each class, and from `complements` on what each class is not.
struct Classes {
  static constexpr std::size_t complements = class_letters.size();
  static constexpr std::uint8_t none = 0xff;

  std::array<ByteSet, 2 * class_letters.size()> sets{};
  std::array<std::uint8_t, 256> by_letter{};
};

constexpr Classes make_classes() {
  Classes classes{};
  for (std::uint8_t& place : classes.by_letter) place = Classes::none;
  for (std::size_t i = 0; i < class_letters.size(); ++i) {
    const char letter = class_letters[i];
    classes.sets[i] = ByteSet::none();
    for (int byte = 0; byte < 256; ++byte)
      if (is_of_class(letter, byte)) classes.sets[i].add(static_cast<unsigned char>(byte));
    classes.sets[i + Classes::complements] = classes.sets[i];
    classes.sets[i + Classes::complements].invert();
    classes.by_letter[static_cast<unsigned char>(letter)] = static_cast<std::uint8_t>(i);
    classes.by_letter[static_cast<unsigned char>(letter - 'a' + 'A')] =
        static_cast<std::uint8_t>(i + Classes::complements);
  }
  return classes;
}

constexpr ByteSet make_dot() {
  ByteSet dot = ByteSet::none();
  dot.invert();
  return dot;
}

constexpr Classes classes = make_classes();
constexpr ByteSet dot = make_dot();

}  // namespace

const ByteSet* pattern_class(char letter) noexcept {
  const std::uint8_t place = classes.by_letter[static_cast<unsigned char>(letter)];
  return place == Classes::none ? nullptr : &classes.sets[place];
}

const ByteSet* pattern_dot() noexcept { return &dot; }

const char* end_of_set(const char* begin, const char* end) noexcept {
  const char* at = begin + 1;
  if (at < end && *at == '^') ++at;
  const char* first = at;  // a `]` that comes first is one of the set
  for (; at < end; ++at) {
    if (*at == ']' && at != first) return at + 1;
    if (*at == '%') ++at;
  }
  return nullptr;
}

ByteSet read_set(const char* begin, const char* end) noexcept {
  ByteSet set = ByteSet::none();
  const char* const close = end - 1;
  const bool complement = begin[1] == '^';
  for (const char* at = begin + (complement ? 2 : 1); at < close; ++at) {
    if (*at == '%') {
      ++at;  // after a range that ends in `%` this may be the `]`
      const ByteSet* named = pattern_class(*at);
      if (named != nullptr)
        set.add(*named);
      else
        set.add(static_cast<unsigned char>(*at));
    } else if (close - at > 2 && at[1] == '-') {
      set.add(static_cast<unsigned char>(*at), static_cast<unsigned char>(at[2]));
      at += 2;
    } else {
      set.add(static_cast<unsigned char>(*at));
    }
  }
  if (complement) set.invert();
  return set;
}

}  // namespace audit
