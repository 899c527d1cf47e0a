#include "proto/icmp_echo.hpp"

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t echo_header = 8;
constexpr std::size_t least_ipv4_header = 20;
constexpr std::uint8_t protocol_icmp = 1;

struct Types {
  std::uint8_t request;
  std::uint8_t reply;
};

constexpr Types types_of(Family family) noexcept { return family == Family::v4 ? Types{8, 0} : Types{128, 129}; }

}  // namespace

std::uint16_t internet_checksum(std::string_view bytes) noexcept {
  std::uint64_t sum = 0;
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) sum += get16(bytes, at);
  if (at < bytes.size()) sum += static_cast<std::uint64_t>(get8(bytes, at)) << 8U;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

std::string write_echo_request(Family family, std::uint16_t id, std::uint16_t sequence, std::string_view payload) {
  std::string bytes;
  bytes.reserve(echo_header + payload.size());
  bytes += static_cast<char>(types_of(family).request);
  bytes.append(3, '\0');  // code, checksum
  put16(bytes, id);
  put16(bytes, sequence);
  bytes += payload;
  if (family == Family::v6) return bytes;
  const std::uint16_t sum = internet_checksum(bytes);
  bytes[2] = static_cast<char>(sum >> 8U);
  bytes[3] = static_cast<char>(sum & 0xffU);
  return bytes;
}

std::optional<EchoMessage> read_echo(Family family, std::string_view bytes, Checksum checksum) {
  if (bytes.size() < echo_header || get8(bytes, 1) != 0) return std::nullopt;
  const Types types = types_of(family);
  const std::uint8_t type = get8(bytes, 0);
  if (type != types.request && type != types.reply) return std::nullopt;
  if (checksum == Checksum::tested && internet_checksum(bytes) != 0) return std::nullopt;
  EchoMessage message;
  message.reply = type == types.reply;
  message.id = get16(bytes, 4);
  message.sequence = get16(bytes, 6);
  message.payload = bytes.substr(echo_header);
  return message;
}

std::optional<std::string_view> strip_ipv4_header(std::string_view packet) {
  if (packet.size() < least_ipv4_header || get8(packet, 0) >> 4U != 4) return std::nullopt;
  const std::size_t header = (get8(packet, 0) & 0x0fU) * std::size_t{4};
  const std::size_t total = get16(packet, 2);
  const bool fragment = (get16(packet, 6) & 0x3fffU) != 0;  // more fragments, or an offset
  if (header < least_ipv4_header || total < header || total > packet.size() || fragment) return std::nullopt;
  if (get8(packet, 9) != protocol_icmp) return std::nullopt;
  return packet.substr(header, total - header);
}

}  // namespace audit::proto
