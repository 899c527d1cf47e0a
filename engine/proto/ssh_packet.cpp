#include "proto/ssh_packet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/ssh_wire.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t head_size = length_size + 1;  // and the padding's length
constexpr std::size_t block = 8;
constexpr std::size_t least_padding = 4;
constexpr std::size_t least_packet = 16;

}  // namespace

SshPacketReader::Step SshPacketReader::feed(std::string_view bytes) {
  taken_ = 0;
  while (step_ == Step::need_more && taken_ < bytes.size()) {
    const std::size_t goal = wanted_ == 0 ? head_size : wanted_;
    const std::size_t count = std::min(goal - buffer_.size(), bytes.size() - taken_);
    buffer_ += bytes.substr(taken_, count);
    taken_ += count;
    if (buffer_.size() < goal) break;
    if (wanted_ == 0) {
      look_at_length();
      continue;
    }
    const std::size_t padding = get8(buffer_, length_size);
    payload_ = std::string_view(buffer_).substr(head_size, wanted_ - head_size - padding);
    step_ = Step::packet;
  }
  return step_;
}

SshPacketReader::Step SshPacketReader::look_at_length() {
  const std::size_t length = get32(buffer_, 0);
  const std::size_t padding = get8(buffer_, length_size);
  if (length > ssh_packet_max - length_size)
    return fail(Reason::protocol_error,
                fmt::format("an SSH packet of {} bytes, where {} are the most", length, ssh_packet_max - length_size));
  if (length + length_size < least_packet || (length + length_size) % block != 0)
    return fail(
        Reason::protocol_error,
        fmt::format("an SSH packet of {} bytes, which is not a multiple of {} with its length field", length, block));
  if (padding < least_padding)
    return fail(Reason::protocol_error,
                fmt::format("an SSH packet with {} bytes of padding, where {} are the least", padding, least_padding));
  if (padding + 2 > length)  // the padding's length is a byte, and so is the least message
    return fail(
        Reason::protocol_error,
        fmt::format("an SSH packet of {} bytes with {} bytes of padding has no room for a message", length, padding));
  wanted_ = length + length_size;
  return step_;
}

SshPacketReader::Step SshPacketReader::end() {
  taken_ = 0;
  if (step_ != Step::need_more) return step_;
  if (buffer_.empty()) return fail(Reason::eof, "the server closed the connection between two SSH packets");
  return fail(Reason::eof, "the server closed the connection within an SSH packet");
}

void SshPacketReader::next() {
  if (step_ != Step::packet) return;
  step_ = Step::need_more;
  buffer_.clear();
  payload_ = {};
  wanted_ = 0;
  taken_ = 0;
}

SshPacketReader::Step SshPacketReader::fail(Reason reason, std::string text) {
  error_ = Error(reason, std::move(text));
  return step_ = Step::failed;
}

std::string encode_ssh_packet(std::string_view payload) {
  const std::size_t unpadded = head_size + payload.size();
  std::size_t padding = block - unpadded % block;
  if (padding < least_padding) padding += block;
  std::string packet;
  put_ssh_number(packet, static_cast<std::uint32_t>(1 + payload.size() + padding));
  packet += static_cast<char>(padding);
  packet += payload;
  packet.append(padding, '\0');
  return packet;
}

}  // namespace audit::proto
