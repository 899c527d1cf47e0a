#include "proto/tls_server_hello.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "proto/tls_fields.hpp"
#include "proto/tls_names.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t record_header = 5;
constexpr std::size_t record_max = 16'384;
constexpr std::size_t message_header = 4;
constexpr std::size_t message_max = 16'384;
constexpr std::size_t total_max = 262'144;
constexpr std::size_t records_max = 4'096;

enum ContentType : std::uint8_t { change_cipher_spec = 20, alert_record = 21, handshake = 22 };
enum HandshakeType : std::uint8_t {
  hello_request = 0,
  server_hello = 2,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_status = 22,
};

bool looks_like_ssl2(std::string_view header) {
  constexpr std::uint8_t two_byte_length = 0x80;
  constexpr std::uint8_t ssl2_error = 0;
  constexpr std::uint8_t ssl2_server_hello = 4;
  const std::uint8_t type = get8(header, 2);
  return (get8(header, 0) & two_byte_length) != 0 && (type == ssl2_error || type == ssl2_server_hello);
}

/// Warnings behind which a handshake goes on (RFC 6066 3, RFC 5246 7.2.2).
bool passes_over(const TlsAlert& alert) {
  constexpr std::uint8_t warning = 1;
  constexpr std::uint8_t user_canceled = 90;
  constexpr std::uint8_t unrecognized_name = 112;
  return alert.level == warning && (alert.description == unrecognized_name || alert.description == user_canceled);
}

}  // namespace

ServerFlightReader::Step ServerFlightReader::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (step_ == Step::need_more && at < bytes.size()) {
    const std::size_t wanted = records_.size() < record_header ? record_header : record_header + get16(records_, 3);
    const std::string_view part = bytes.substr(at, wanted - records_.size());
    at += part.size();
    total_ += part.size();
    records_ += part;
    if (records_.size() >= record_header) next_record();
    if (step_ == Step::need_more && total_ > total_max)
      fail(Reason::truncated, "the server's first flight is longer than 262144 bytes");
  }
  return step_;
}

/// Looks at a header as soon as it is there, at a record when it is whole.
ServerFlightReader::Step ServerFlightReader::next_record() {
  const std::uint8_t type = get8(records_, 0);
  const std::size_t length = get16(records_, 3);
  const bool sane = type >= change_cipher_spec && type <= 24 && get8(records_, 1) == 3;
  if (!sane && looks_like_ssl2(records_)) return fail(Reason::protocol_error, "the server answers in SSLv2");
  if (!sane)
    return fail(Reason::protocol_error,
                fmt::format("the server answers with something that is not TLS; it begins: {}", visible(records_)));
  if (length == 0 || length > record_max)
    return fail(Reason::protocol_error, fmt::format("a TLS record of {} bytes; 1 to 16384 are possible", length));
  if (records_.size() < record_header + length) return step_;
  if (++count_ > records_max) return fail(Reason::truncated, "the server's first flight has more than 4096 records");
  const std::string record = std::move(records_);
  records_.clear();
  const std::string_view content = std::string_view(record).substr(record_header);
  if (type == handshake) return take_handshake(content);
  if (type == alert_record) return take_alert(content);
  if (type == change_cipher_spec && greeted_) return step_ = Step::hello;
  return fail(Reason::protocol_error, fmt::format("a TLS record of type {} where a ServerHello belongs", type));
}

ServerFlightReader::Step ServerFlightReader::take_handshake(std::string_view content) {
  while (step_ == Step::need_more && !content.empty()) {
    if (skip_ > 0) {
      const std::size_t skipped = std::min(skip_, content.size());
      skip_ -= skipped;
      content.remove_prefix(skipped);
      continue;
    }
    const std::size_t length = messages_.size() < message_header ? 0 : get32(messages_, 0) & 0xff'ffff;
    const std::size_t wanted = message_header + length - messages_.size();
    messages_ += content.substr(0, wanted);
    content.remove_prefix(std::min(wanted, content.size()));
    if (messages_.size() < message_header) continue;
    const std::uint8_t type = get8(messages_, 0);
    const std::size_t size = get32(messages_, 0) & 0xff'ffff;
    const bool kept = type == server_hello || type == server_key_exchange;
    if (!kept && messages_.size() == message_header) {
      skip_ = size;
      messages_.clear();
      message(type, "");
      continue;
    }
    if (size > message_max)
      return fail(Reason::protocol_error, fmt::format("a TLS handshake message of {} bytes; 16384 are read", size));
    if (messages_.size() < message_header + size) continue;
    const std::string body = messages_.substr(message_header);
    messages_.clear();
    message(type, body);
  }
  return step_;
}

ServerFlightReader::Step ServerFlightReader::message(std::uint8_t type, std::string_view body) {
  if (!greeted_) {
    if (type == hello_request) return step_;
    if (type != server_hello)
      return fail(Reason::protocol_error,
                  fmt::format("a TLS handshake message of type {} before any ServerHello", type));
    const std::optional<ServerHello> read = read_server_hello(body);
    if (!read) return fail(Reason::protocol_error, "a ServerHello whose lengths do not add up");
    hello_ = *read;
    greeted_ = true;
    if (until_ == Until::hello || hello_.version >= tls::v1_3) return step_ = Step::hello;
    return step_;
  }
  switch (type) {
    case server_key_exchange:
      if (!read_key_exchange(body, hello_))
        return fail(Reason::protocol_error, "a ServerKeyExchange whose lengths do not add up");
      return step_ = Step::hello;
    case server_hello_done: return step_ = Step::hello;
    case certificate:
    case certificate_request:
    case certificate_status:
    case hello_request: return step_;
    default:
      return fail(Reason::protocol_error,
                  fmt::format("a TLS handshake message of type {} in the server's first flight", type));
  }
}

ServerFlightReader::Step ServerFlightReader::take_alert(std::string_view content) {
  alerts_ += content;
  while (step_ == Step::need_more && alerts_.size() >= 2) {
    alert_ = TlsAlert{get8(alerts_, 0), get8(alerts_, 1)};
    alerts_.erase(0, 2);
    warned_ = true;
    if (!passes_over(alert_)) step_ = Step::alert;
  }
  return step_;
}

ServerFlightReader::Step ServerFlightReader::end() {
  if (step_ != Step::need_more) return step_;
  if (warned_ && !greeted_ && records_.empty()) return step_ = Step::alert;
  if (total_ == 0) return fail(Reason::eof, "the server closed the connection without a word of TLS");
  if (records_.size() < record_header && count_ == 0 && !records_.empty() && get8(records_, 0) != handshake &&
      get8(records_, 0) != alert_record)
    return fail(Reason::protocol_error,
                fmt::format("the server answers with something that is not TLS; it begins: {}", visible(records_)));
  return fail(Reason::eof, "the server closed the connection within its first flight");
}

ServerFlightReader::Step ServerFlightReader::fail(Reason reason, std::string text) {
  error_ = Error(reason, std::move(text));
  return step_ = Step::failed;
}

}  // namespace audit::proto
