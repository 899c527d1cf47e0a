#include "proto/tls_client_hello.hpp"

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t record_max = 16'384;
constexpr std::size_t list_max = 0xffff;

// Extension numbers (IANA, "TLS ExtensionType Values").
constexpr std::uint16_t ext_server_name = 0;
constexpr std::uint16_t ext_supported_groups = 10;
constexpr std::uint16_t ext_ec_point_formats = 11;
constexpr std::uint16_t ext_signature_algorithms = 13;
constexpr std::uint16_t ext_alpn = 16;
constexpr std::uint16_t ext_extended_master_secret = 23;
constexpr std::uint16_t ext_supported_versions = 43;
constexpr std::uint16_t ext_key_share = 51;
constexpr std::uint16_t ext_renegotiation_info = 0xff01;

/// Bytes behind their length, of 1 or 2 bytes; `fits_` turns false where it does not hold them.
class Writer {
 public:
  [[nodiscard]] std::string with_length8(std::string_view bytes) {
    fits_ = fits_ && bytes.size() <= 0xff;
    return static_cast<char>(bytes.size() & 0xff) + std::string(bytes);
  }
  [[nodiscard]] std::string with_length16(std::string_view bytes) {
    fits_ = fits_ && bytes.size() <= list_max;
    std::string out;
    put16(out, static_cast<std::uint16_t>(bytes.size() & list_max));
    return out += bytes;
  }
  [[nodiscard]] bool fits() const noexcept { return fits_; }

 private:
  bool fits_ = true;
};

std::string numbers(const std::vector<std::uint16_t>& codes) {
  std::string out;
  for (const std::uint16_t code : codes) put16(out, code);
  return out;
}

std::string extensions_of(const ClientHello& hello, Writer& writer) {
  std::string out;
  const auto add = [&](std::uint16_t number, std::string_view content) {
    put16(out, number);
    out += writer.with_length16(content);
  };
  if (!hello.server_name.empty()) {
    constexpr char host_name = 0;
    add(ext_server_name, writer.with_length16(host_name + writer.with_length16(hello.server_name)));
  }
  if (hello.renegotiation_info) add(ext_renegotiation_info, writer.with_length8(""));
  if (!hello.groups.empty()) {
    add(ext_supported_groups, writer.with_length16(numbers(hello.groups)));
    add(ext_ec_point_formats, writer.with_length8(std::string_view("\0\1\2", 3)));
  }
  if (!hello.signature_algorithms.empty())
    add(ext_signature_algorithms, writer.with_length16(numbers(hello.signature_algorithms)));
  if (!hello.alpn.empty()) {
    std::string protocols;
    for (const std::string& protocol : hello.alpn) protocols += writer.with_length8(protocol);
    add(ext_alpn, writer.with_length16(protocols));
  }
  if (hello.extended_master_secret) add(ext_extended_master_secret, "");
  if (!hello.supported_versions.empty())
    add(ext_supported_versions, writer.with_length8(numbers(hello.supported_versions)));
  if (hello.key_shares) {
    std::string shares;
    for (const KeyShare& share : *hello.key_shares) {
      put16(shares, share.group);
      shares += writer.with_length16(share.key);
    }
    add(ext_key_share, writer.with_length16(shares));
  }
  return out;
}

}  // namespace

Result<std::string> encode_client_hello(const ClientHello& hello) {
  constexpr std::size_t random_size = 32;
  constexpr std::size_t session_id_max = 32;
  constexpr char client_hello = 1;
  constexpr char handshake = 22;
  if (hello.random.size() != random_size || hello.session_id.size() > session_id_max)
    return Error(Reason::rule_error, "a ClientHello has 32 random bytes, and a session id of at most 32");
  Writer writer;
  std::string body;
  put16(body, hello.version);
  body += hello.random;
  body += writer.with_length8(hello.session_id);
  body += writer.with_length16(numbers(hello.ciphers));
  body += writer.with_length8({reinterpret_cast<const char*>(hello.compressions.data()), hello.compressions.size()});
  if (hello.extensions)
    if (const std::string extensions = extensions_of(hello, writer); !extensions.empty())
      body += writer.with_length16(extensions);
  constexpr std::size_t header = 4;
  if (!writer.fits() || body.size() + header > record_max)
    return Error(Reason::rule_error, "a ClientHello that fits into no record of TLS");
  std::string out{handshake};
  put16(out, hello.record_version);
  put16(out, static_cast<std::uint16_t>(body.size() + header));
  out += client_hello;
  out += '\0';
  put16(out, static_cast<std::uint16_t>(body.size()));
  return out + body;
}

const std::vector<std::uint16_t>& all_signature_algorithms() {
  static const std::vector<std::uint16_t> schemes{
      0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c,
      0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0402, 0x0502, 0x0602, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101};
  return schemes;
}

}  // namespace audit::proto
