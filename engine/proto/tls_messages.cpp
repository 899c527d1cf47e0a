#include <bit>
#include <set>

#include "proto/tls_fields.hpp"
#include "proto/tls_names.hpp"

namespace audit::proto {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view retry_random =  // SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3)
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
    "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"sv;

bool read_extension(std::uint16_t number, std::string_view content, ServerHello& hello) {
  constexpr std::uint16_t alpn = 16;
  constexpr std::uint16_t extended_master_secret = 23;
  constexpr std::uint16_t supported_versions = 43;
  constexpr std::uint16_t key_share = 51;
  constexpr std::uint16_t renegotiation_info = 0xff01;
  TlsFields fields(content);
  switch (number) {
    case alpn: {
      TlsFields list(fields.vector16());
      hello.alpn = list.vector8();
      return list.ok() && fields.ok();
    }
    case extended_master_secret: hello.extended_master_secret = true; return true;
    case supported_versions: hello.version = fields.number16(); return fields.ok() && fields.at_end();
    case key_share:
      hello.group = fields.number16();
      if (!hello.retry) fields.vector16();
      return fields.ok() && fields.at_end();
    case renegotiation_info: hello.renegotiation_info = true; return true;
    default: return true;
  }
}

bool read_extensions(std::string_view block, ServerHello& hello) {
  std::set<std::uint16_t> seen;
  TlsFields fields(block);
  while (!fields.at_end()) {
    const std::uint16_t number = fields.number16();
    const std::string_view content = fields.vector16();
    if (!fields.ok() || !seen.insert(number).second || !read_extension(number, content, hello)) return false;
  }
  return true;
}

std::int64_t bits_of(std::string_view number) {
  while (!number.empty() && number.front() == '\0') number.remove_prefix(1);
  if (number.empty()) return 0;
  return static_cast<std::int64_t>((number.size() - 1) * 8) + std::bit_width(get8(number, 0));
}

}  // namespace

std::optional<ServerHello> read_server_hello(std::string_view body) {
  constexpr std::size_t random_size = 32;
  constexpr std::size_t session_id_max = 32;
  ServerHello hello;
  TlsFields fields(body);
  hello.version = fields.number16();
  const std::string_view random = fields.bytes(random_size);
  const std::string_view session_id = fields.vector8();
  hello.cipher = fields.number16();
  hello.compression = fields.number8();
  if (!fields.ok() || session_id.size() > session_id_max) return std::nullopt;
  hello.retry = random == retry_random;
  hello.downgrade = random.ends_with("DOWNGRD\x01"sv) || random.ends_with("DOWNGRD\x00"sv);
  if (fields.at_end()) return hello;
  const std::string_view extensions = fields.vector16();
  if (!fields.ok() || !fields.at_end() || !read_extensions(extensions, hello)) return std::nullopt;
  return hello;
}

bool read_key_exchange(std::string_view body, ServerHello& hello) {
  constexpr std::uint8_t named_curve = 3;
  const KeyExchange exchange = key_exchange_of(hello.cipher);
  TlsFields fields(body);
  if (exchange.kind == KeyExchange::Kind::other) return true;
  if (exchange.hint) fields.vector16();
  if (exchange.kind == KeyExchange::Kind::dhe) {
    hello.dh_bits = bits_of(fields.vector16());
    return fields.ok() && hello.dh_bits > 0;
  }
  hello.explicit_curve = fields.number8() != named_curve;
  if (fields.ok() && !hello.explicit_curve) hello.group = fields.number16();
  return fields.ok();
}

}  // namespace audit::proto
