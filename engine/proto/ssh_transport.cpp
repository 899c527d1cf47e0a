#include "proto/ssh_transport.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ssh_message.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t total_max = 512 * 1024;
constexpr std::size_t messages_max = 128;
constexpr std::size_t reason_shown = 200;

Error disconnect_error(std::string_view payload) {
  SshCursor cursor(payload.substr(1));
  const std::uint32_t code = cursor.number();
  const std::string_view text = cursor.string();
  if (!cursor.good()) return {Reason::eof, "the server disconnected, in a message that does not hold its reason"};
  return {Reason::eof, fmt::format("the server disconnected with reason {}: {}", code, visible(text, reason_shown))};
}

}  // namespace

SshTransportReader::Step SshTransportReader::feed(std::string_view bytes) {
  if (step_ == Step::failed) return step_;
  total_ += bytes.size();
  if (total_ > total_max) return fail(Error(Reason::protocol_error, "more than 512 KiB before the key exchange ended"));
  waiting_ += bytes;
  return advance();
}

SshTransportReader::Step SshTransportReader::next() {
  if (step_ == Step::message) packet_.next();
  if (step_ != Step::failed) step_ = Step::need_more;
  return advance();
}

SshTransportReader::Step SshTransportReader::advance() {
  while (step_ == Step::need_more && !waiting_.empty()) {
    if (!identified_) {
      const SshIdentReader::Step read = ident_.feed(waiting_);
      waiting_.erase(0, ident_.taken());
      if (read == SshIdentReader::Step::failed) return fail(ident_.error());
      if (read == SshIdentReader::Step::need_more) break;
      identified_ = true;
      return step_ = Step::ident;
    }
    const SshPacketReader::Step read = packet_.feed(waiting_);
    waiting_.erase(0, packet_.taken());
    if (read == SshPacketReader::Step::failed) return fail(packet_.error());
    if (read == SshPacketReader::Step::packet) look_at_message();
  }
  return step_;
}

SshTransportReader::Step SshTransportReader::look_at_message() {
  if (++messages_ > messages_max)
    return fail(Error(Reason::protocol_error, "more than 128 messages before the key exchange ended"));
  switch (static_cast<std::uint8_t>(packet_.payload().front())) {
    case ssh_msg_disconnect: return fail(disconnect_error(packet_.payload()));
    case ssh_msg_ignore:
    case ssh_msg_unimplemented:
    case ssh_msg_debug: packet_.next(); return step_;
    default: return step_ = Step::message;
  }
}

SshTransportReader::Step SshTransportReader::end() {
  if (step_ != Step::need_more) return step_;
  if (identified_) {
    packet_.end();
    return fail(packet_.error());
  }
  ident_.end();
  return fail(ident_.error());
}

SshTransportReader::Step SshTransportReader::fail(Error error) {
  error_ = std::move(error);
  return step_ = Step::failed;
}

}  // namespace audit::proto
