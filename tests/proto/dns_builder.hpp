#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/dns.hpp"
#include "proto/dns_name.hpp"
#include "proto/wire.hpp"

namespace audit::test {

using namespace std::string_literals;

inline std::string wire_name(std::string_view name) { return proto::name_to_wire(name).value(); }

inline std::string big16(std::uint16_t number) {
  std::string bytes;
  proto::put16(bytes, number);
  return bytes;
}

/// A DNS message, put together without any check: the tests lie with it.
struct DnsBuilder {
  std::uint16_t id = 0x1234;
  std::uint16_t flags = 0x8180;
  std::uint16_t counts[4] = {1, 0, 0, 0};
  std::string question = wire_name("host.example.") + big16(1) + big16(1);
  std::string records;

  /// `owner` in wire format; "\xc0\x0c" is the name asked for.
  DnsBuilder& add(int section, std::string_view owner, std::uint16_t type, std::string_view rdata,
                  std::uint32_t ttl = 300, std::uint16_t klass = 1) {
    ++counts[section];
    records += owner;
    records += big16(type) + big16(klass) + big16(static_cast<std::uint16_t>(ttl >> 16)) +
               big16(static_cast<std::uint16_t>(ttl & 0xffff));
    records += big16(static_cast<std::uint16_t>(rdata.size()));
    records += rdata;
    return *this;
  }
  DnsBuilder& answer(std::uint16_t type, std::string_view rdata) { return add(1, "\xc0\x0c", type, rdata); }

  [[nodiscard]] std::string bytes() const {
    std::string message = big16(id) + big16(flags);
    for (const std::uint16_t count : counts) message += big16(count);
    return message + question + records;
  }
};

inline const proto::DnsQuestion& host_question() {
  static const proto::DnsQuestion question{"host.example", 1};
  return question;
}

inline Result<proto::DnsMessage> decode(std::string_view bytes) {
  return proto::decode_dns_response(bytes, host_question(), 0x1234);
}

/// What the decoder said against it; "" where it said nothing.
inline std::string refusal(std::string_view bytes) {
  auto message = decode(bytes);
  return message ? std::string() : message.error().message;
}

/// The data of a message's single answer, or the refusal in angle brackets.
inline std::string data_of(std::uint16_t type, std::string_view rdata) {
  auto message = decode(DnsBuilder().answer(type, rdata).bytes());
  return message ? message->answers.at(0).data : "<" + message.error().message + ">";
}

}  // namespace audit::test
