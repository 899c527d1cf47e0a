#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace audit::proto {

/// Writes the parts of a transcript's record: numbers seven bits a byte, the lowest first (LEB128), signed ones zigzag,
/// texts behind their length. The same bytes on every machine.
class TranscriptEncoder {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(0x80U | (value & 0x7fU));
    bytes_ += static_cast<char>(value);
  }
  void integer(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U));
  }
  void flag(bool value) { number(value ? 1 : 0); }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  [[nodiscard]] std::string take() noexcept { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads them back. After the first part that is not there, or is not one, `good` is false and every part is empty.
class TranscriptDecoder {
 public:
  explicit TranscriptDecoder(std::string_view bytes) noexcept : left_(bytes) {}

  [[nodiscard]] std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; good_; shift += 7) {
      if (left_.empty() || shift > 63) break;
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return fail();
  }
  /// At most `most`.
  [[nodiscard]] std::uint64_t number(std::uint64_t most) noexcept {
    const std::uint64_t value = number();
    return value <= most ? value : fail();
  }
  [[nodiscard]] std::int64_t integer() noexcept {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1U ^ (~(value & 1U) + 1U));
  }
  [[nodiscard]] bool flag() noexcept { return number(1) != 0; }
  [[nodiscard]] std::string text() {
    const std::uint64_t size = number(left_.size());
    if (!good_ || size > left_.size()) {
      fail();
      return {};
    }
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    return value;
  }
  /// How many parts of at least one byte each come next: never more than there are bytes.
  [[nodiscard]] std::size_t count() noexcept { return number(left_.size()); }

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool ended() const noexcept { return good_ && left_.empty(); }
  std::uint64_t fail() noexcept {
    good_ = false;
    left_ = {};
    return 0;
  }

 private:
  std::string_view left_;
  bool good_ = true;
};

}  // namespace audit::proto
