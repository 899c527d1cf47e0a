#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/model.hpp"

namespace audit::store {

/// What a function that names the members of a T gets: the T to be written, or the one to be filled.
template <class Archive, class T>
using Of = std::conditional_t<Archive::writing, const T, T>;

constexpr std::size_t longest_number = 10;

/// Seven bits a byte, the lowest first; how many bytes that took.
inline std::size_t write_number(std::uint64_t value, char* to) noexcept {
  std::size_t size = 0;
  while (value >= 0x80) {
    to[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  to[size++] = static_cast<char>(value);
  return size;
}

/// Writes records as bytes: numbers seven bits a byte, texts behind their length, an observation that several results
/// share once. What it writes only a Reader of the same members reads. Lives in one function, on any thread; the text is
/// whole once it is gone.
class Writer {
 public:
  static constexpr bool writing = true;
  explicit Writer(std::string& out) : out_(out), used_(out.size()) {}
  ~Writer() { out_.resize(used_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void number(std::uint64_t value) {
    char* const at = room(longest_number);
    used_ += write_number(value, at);
  }
  void bytes(std::string_view text) {
    number(text.size());
    raw(text);
  }
  void raw(std::string_view text) {
    std::copy(text.begin(), text.end(), room(text.size()));
    used_ += text.size();
  }
  /// The number of an observation, and whether it comes here for the first time.
  [[nodiscard]] std::pair<std::uint64_t, bool> meet(const Observation* observation) {
    const auto [place, fresh] = met_.emplace(observation, met_.size());
    return {place->second, fresh};
  }

 private:
  /// Where as many bytes may be written. Grown in leaps: records are many, and most of what they hold is a byte long.
  char* room(std::size_t size) {
    if (out_.size() - used_ < size) out_.resize(std::max(used_ + size, 2 * out_.size() + 256));
    return out_.data() + used_;
  }

  std::string& out_;
  std::size_t used_;
  std::unordered_map<const Observation*, std::uint64_t> met_;
};

/// Reads them back. Whatever the bytes are it ends, with `good` false where they are no such record: no read goes past the
/// end, and nothing grows beyond what the bytes could hold.
class Reader {
 public:
  static constexpr bool writing = false;
  static constexpr unsigned deepest = 64;  // values within values
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }
  void fail() noexcept {
    good_ = false;
    bytes_ = {};
  }

  [[nodiscard]] std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  [[nodiscard]] std::string_view raw(std::size_t size) {
    if (size > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }
  [[nodiscard]] std::string_view bytes() { return raw(number()); }
  /// How many items follow; each takes a byte at least.
  [[nodiscard]] std::size_t count() {
    const std::uint64_t count = number();
    if (count > bytes_.size()) fail();
    return good_ ? static_cast<std::size_t>(count) : 0;
  }

  std::vector<ObservationPtr>& met() noexcept { return met_; }
  unsigned depth = 0;

 private:
  std::string_view bytes_;
  bool good_ = true;
  std::vector<ObservationPtr> met_;
};

// The members of plain types, one after the other, both ways.

template <class T>
requires std::is_unsigned_v<T>
void put(Writer& out, const T& value) { out.number(value); }
template <class T>
requires std::is_unsigned_v<T>
void put(Reader& in, T& value) {
  const std::uint64_t number = in.number();
  value = static_cast<T>(number);
  if (number != static_cast<std::uint64_t>(value)) in.fail();
}

inline void put(Writer& out, const std::int64_t& value) {
  out.number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}
inline void put(Reader& in, std::int64_t& value) {
  const std::uint64_t number = in.number();
  value = static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}

inline void put(Writer& out, const double& value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string text;
  for (unsigned shift = 0; shift < 64; shift += 8) text.push_back(static_cast<char>(bits >> shift));
  out.raw(text);
}
inline void put(Reader& in, double& value) {
  const std::string_view text = in.raw(8);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) bits |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << (8 * i);
  value = std::bit_cast<double>(bits);
}

inline void put(Writer& out, const std::string& text) { out.bytes(text); }
inline void put(Reader& in, std::string& text) { text = in.bytes(); }

/// An enumeration whose members are 0 to `size` - 1.
template <class Archive, class T>
void put_one_of(Archive& archive, T& value, std::size_t size) {
  if constexpr (Archive::writing) {
    archive.number(static_cast<std::uint64_t>(value));
  } else {
    const std::uint64_t number = archive.number();
    if (number >= size)
      archive.fail();
    else
      value = static_cast<T>(number);
  }
}

template <class Period>
void put(Writer& out, const std::chrono::duration<std::int64_t, Period>& value) {
  const std::int64_t count = value.count();
  put(out, count);
}
template <class Period>
void put(Reader& in, std::chrono::duration<std::int64_t, Period>& value) {
  std::int64_t count = 0;
  put(in, count);
  value = std::chrono::duration<std::int64_t, Period>(count);
}

/// A point of time or a day, as what has passed since 1970 in its own unit.
template <class Archive, class Time>
void put_time(Archive& archive, Time& time) {
  if constexpr (Archive::writing) {
    const auto count = static_cast<std::int64_t>(time.time_since_epoch().count());
    put(archive, count);
  } else {
    std::int64_t count = 0;
    put(archive, count);
    using Rep = typename Time::rep;
    const auto kept = static_cast<Rep>(count);
    if (static_cast<std::int64_t>(kept) != count) archive.fail();
    time = Time(typename Time::duration(kept));
  }
}

/// A list, each item by `put_item(archive, item)`, which fills all of it: what the list held before is used again.
template <class T, class Put>
void put_each(Writer& out, const std::vector<T>& list, Put put_item) {
  out.number(list.size());
  for (const T& item : list) put_item(out, item);
}
template <class T, class Put>
void put_each(Reader& in, std::vector<T>& list, Put put_item) {
  const std::size_t count = in.count();
  if (list.size() > count) list.resize(count);
  for (std::size_t i = 0; i < count && in.good(); ++i) put_item(in, i < list.size() ? list[i] : list.emplace_back());
}

/// What may be missing, by `put_item(archive, item)` where it is there.
template <class T, class Put>
void put_optional(Writer& out, const std::optional<T>& item, Put put_item) {
  const bool there = item.has_value();
  put(out, there);
  if (there) put_item(out, *item);
}
template <class T, class Put>
void put_optional(Reader& in, std::optional<T>& item, Put put_item) {
  bool there = false;
  put(in, there);
  if (there) put_item(in, item.emplace());
}

template <class Archive>
void put(Archive& archive, Of<Archive, std::vector<std::string>>& list) {
  put_each(archive, list, [](auto& to, auto& text) { put(to, text); });
}

}  // namespace audit::store
