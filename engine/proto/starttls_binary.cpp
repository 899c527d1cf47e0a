#include <fmt/format.h>

#include <optional>

#include "base/text.hpp"
#include "proto/starttls_dialogues.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

using namespace std::string_view_literals;

/// One BER element of at most 4 KiB with a length of definite form (X.690 8.1).
struct Element {
  enum class State { need_more, whole, malformed };
  State state = State::need_more;
  std::uint8_t tag = 0;
  std::string_view content;
};

Element take_element(std::string_view& bytes) {
  constexpr std::size_t content_max = 4'000;
  constexpr std::uint8_t long_form = 0x80;
  Element element;
  if (bytes.size() < 2) return element;
  element.tag = get8(bytes, 0);
  std::size_t length = get8(bytes, 1);
  std::size_t header = 2;
  if ((length & long_form) != 0) {
    const std::size_t count = length & 0x7f;
    header += count;
    element.state = count == 0 || count > 4 ? Element::State::malformed : Element::State::need_more;
    if (element.state == Element::State::malformed || bytes.size() < header) return element;
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = length << 8 | get8(bytes, i);
  }
  if (length > content_max) element.state = Element::State::malformed;
  if (element.state == Element::State::malformed || bytes.size() - header < length) return element;
  element.state = Element::State::whole;
  element.content = bytes.substr(header, length);
  bytes.remove_prefix(header + length);
  return element;
}

/// The next element where it is whole and has this tag; what it holds.
std::optional<std::string_view> take_tagged(std::string_view& bytes, std::uint8_t tag) {
  const Element element = take_element(bytes);
  if (element.state != Element::State::whole || element.tag != tag) return std::nullopt;
  return element.content;
}

/// RFC 4511 4.14.
class Ldap : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    if (!asked_) {
      asked_ = true;
      return StarttlsStep::saying(
          "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
          "1.3.6.1.4.1.1466.20037");
    }
    constexpr std::uint8_t sequence = 0x30;
    if (!bytes.empty() && get8(bytes, 0) != sequence) return foreign("an LDAP message", bytes);
    const std::string_view before = bytes;
    const Element message = take_element(bytes);
    if (message.state == Element::State::malformed) return foreign("an LDAP message", before);
    if (message.state == Element::State::need_more) return StarttlsStep::more();
    return answered(message.content);
  }

 private:
  static StarttlsStep answered(std::string_view content) {
    constexpr std::uint8_t integer = 0x02;
    constexpr std::uint8_t octet_string = 0x04;
    constexpr std::uint8_t enumerated = 0x0a;
    constexpr std::uint8_t extended_response = 0x78;
    const std::string_view whole = content;
    const auto id = take_tagged(content, integer);
    auto response = id ? take_tagged(content, extended_response) : std::nullopt;
    const auto code = response ? take_tagged(*response, enumerated) : std::nullopt;
    const auto matched = code ? take_tagged(*response, octet_string) : std::nullopt;
    const auto diagnostic = matched ? take_tagged(*response, octet_string) : std::nullopt;
    if (!diagnostic || code->size() != 1) return foreign("an LDAP ExtendedResponse", whole);
    const unsigned result = get8(*code, 0);
    const bool ours = *id == "\x01"sv;
    if (ours && result == 0) return StarttlsStep::done();
    return refused_with(ours ? fmt::format("the server refuses StartTLS with result {}", result)
                             : fmt::format("the server disconnects with result {}", result),
                        *diagnostic);
  }

  bool asked_ = false;
};

/// PostgreSQL's SSLRequest: one byte answers it.
class Postgres : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    if (!asked_) {
      asked_ = true;
      return StarttlsStep::saying(std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f"sv));
    }
    if (bytes.empty()) return StarttlsStep::more();
    switch (bytes.front()) {
      case 'S': bytes.remove_prefix(1); return StarttlsStep::done();
      case 'N': return StarttlsStep::failing(Reason::tls_error, "the server does not offer TLS");
      case 'E': return StarttlsStep::failing(Reason::tls_error, "the server answers the request for TLS with an error");
      default: return foreign("S or N", bytes.substr(0, 1));
    }
  }

 private:
  bool asked_ = false;
};

/// MySQL's and MariaDB's initial handshake, version 10, and the short response that asks for TLS.
class Mysql : public StarttlsDialogue {
 public:
  StarttlsStep advance(std::string_view& bytes) override {
    if (asked_) return StarttlsStep::done();  // the server waits for our ClientHello without a word
    constexpr std::size_t header = 4;
    constexpr std::size_t packet_max = 4'000;
    if (bytes.size() < header) return StarttlsStep::more();
    const std::size_t length = get8(bytes, 0) | std::size_t{get8(bytes, 1)} << 8 | std::size_t{get8(bytes, 2)} << 16;
    if (length == 0 || length > packet_max) return foreign("a MySQL handshake", bytes);
    if (bytes.size() - header < length) return StarttlsStep::more();
    const std::string_view packet = bytes.substr(header, length);
    bytes.remove_prefix(header + length);
    return greeted(packet);
  }

 private:
  StarttlsStep greeted(std::string_view packet) {
    constexpr std::uint8_t error = 0xff;
    constexpr std::uint8_t version_10 = 10;
    constexpr std::uint16_t client_ssl = 0x0800;
    constexpr std::size_t until_capabilities = 4 + 8 + 1;  // thread id, salt, filler
    if (get8(packet, 0) == error)
      return refused_with("the server greets with a refusal", packet.substr(std::min<std::size_t>(3, packet.size())));
    if (get8(packet, 0) != version_10) return foreign("a MySQL handshake of version 10", packet);
    const std::size_t name_end = packet.find('\0', 1);
    if (name_end == std::string_view::npos || packet.size() - name_end - 1 < until_capabilities + 2)
      return foreign("a MySQL handshake", packet);
    const std::size_t at = name_end + 1 + until_capabilities;
    const unsigned capabilities = get8(packet, at) | unsigned{get8(packet, at + 1)} << 8;
    if ((capabilities & client_ssl) == 0)
      return StarttlsStep::failing(Reason::tls_error, "the server does not offer TLS");
    asked_ = true;
    // 32 bytes, number 1: CLIENT_SSL, CLIENT_PROTOCOL_41 and CLIENT_SECURE_CONNECTION, 16 MiB, utf8, filler.
    std::string request("\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x21"sv);
    request.append(23, '\0');
    return StarttlsStep::saying(std::move(request));
  }

  bool asked_ = false;
};

}  // namespace

std::unique_ptr<StarttlsDialogue> ldap_dialogue(StarttlsNames) { return std::make_unique<Ldap>(); }
std::unique_ptr<StarttlsDialogue> postgres_dialogue(StarttlsNames) { return std::make_unique<Postgres>(); }
std::unique_ptr<StarttlsDialogue> mysql_dialogue(StarttlsNames) { return std::make_unique<Mysql>(); }

}  // namespace audit::proto
