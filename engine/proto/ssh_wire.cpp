#include "proto/ssh_wire.hpp"

#include <bit>

#include "proto/wire.hpp"

namespace audit::proto {

std::string_view SshCursor::raw(std::size_t count) {
  if (!good_ || rest_.size() < count) {
    good_ = false;
    return {};
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t SshCursor::byte() {
  const std::string_view taken = raw(1);
  return taken.empty() ? std::uint8_t{0} : get8(taken, 0);
}

std::uint32_t SshCursor::number() {
  const std::string_view taken = raw(4);
  return taken.empty() ? 0 : get32(taken, 0);
}

std::uint64_t SshCursor::number64() {
  const std::string_view taken = raw(8);
  return taken.empty() ? 0 : std::uint64_t{get32(taken, 0)} << 32 | get32(taken, 4);
}

std::string_view SshCursor::string() {
  const std::uint32_t length = number();
  return raw(length);
}

std::string_view SshCursor::magnitude() {
  std::string_view number = string();
  if (number.empty() || (get8(number, 0) & 0x80U) != 0) {
    good_ = false;
    return {};
  }
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
  if (number.empty()) good_ = false;
  return number;
}

void put_ssh_number(std::string& bytes, std::uint32_t number) {
  put16(bytes, static_cast<std::uint16_t>(number >> 16));
  put16(bytes, static_cast<std::uint16_t>(number & 0xffff));
}

void put_ssh_string(std::string& bytes, std::string_view text) {
  put_ssh_number(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}

std::string ssh_mpint(std::string_view magnitude) {
  magnitude.remove_prefix(std::min(magnitude.find_first_not_of('\0'), magnitude.size()));
  std::string content;
  if (!magnitude.empty() && (get8(magnitude, 0) & 0x80U) != 0) content += '\0';
  content += magnitude;
  return content;
}

std::uint32_t magnitude_bits(std::string_view magnitude) noexcept {
  if (magnitude.empty()) return 0;
  const auto first = static_cast<std::uint32_t>(std::bit_width(get8(magnitude, 0)));
  return static_cast<std::uint32_t>(magnitude.size() - 1) * 8 + first;
}

}  // namespace audit::proto
