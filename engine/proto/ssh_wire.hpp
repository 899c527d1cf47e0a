#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace audit::proto {

/// Reads the data types of RFC 4251 5 one after the other. Where one does not fit, it gives nothing, all that follow give
/// nothing, and `good` is false. Views point into the bytes given.
class SshCursor {
 public:
  explicit SshCursor(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::uint32_t number();
  [[nodiscard]] std::uint64_t number64();
  [[nodiscard]] std::string_view string();
  [[nodiscard]] std::string_view raw(std::size_t count);
  /// An mpint above zero, as its magnitude without leading zeros; a negative one or zero is none.
  [[nodiscard]] std::string_view magnitude();

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool ended() const noexcept { return good_ && rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

void put_ssh_number(std::string& bytes, std::uint32_t number);
void put_ssh_string(std::string& bytes, std::string_view text);
/// The content of an mpint with this magnitude, big-endian: no needless zero, one where the first bit would be a sign.
[[nodiscard]] std::string ssh_mpint(std::string_view magnitude);
/// How many bits a magnitude without leading zeros has.
[[nodiscard]] std::uint32_t magnitude_bits(std::string_view magnitude) noexcept;

}  // namespace audit::proto
