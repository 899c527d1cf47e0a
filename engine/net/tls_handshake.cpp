#include "net/tls_handshake.hpp"

#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include <array>
#include <optional>
#include <utility>

namespace audit::net {
namespace {

/// Takes a vector with `width` bytes of length off the front; nothing where it is not whole.
std::optional<std::string_view> take_vector(std::string_view& bytes, std::size_t width) {
  if (bytes.size() < width) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i) length = length << 8U | static_cast<unsigned char>(bytes[i]);
  if (bytes.size() - width < length) return std::nullopt;
  const std::string_view taken = bytes.substr(width, length);
  bytes.remove_prefix(width + length);
  return taken;
}

}  // namespace

std::vector<std::string> certificates_of_message(std::string_view message, bool tls1_3) {
  std::vector<std::string> chain;
  message.remove_prefix(std::min<std::size_t>(4, message.size()));
  if (tls1_3 && !take_vector(message, 1)) return chain;  // certificate_request_context
  std::optional<std::string_view> list = take_vector(message, 3);
  while (list && !list->empty()) {
    const auto certificate = take_vector(*list, 3);
    if (!certificate) break;
    chain.emplace_back(*certificate);
    if (tls1_3 && !take_vector(*list, 2)) break;  // its extensions
  }
  return chain;
}

bool looks_like_tls(std::string_view bytes) noexcept {
  if (bytes.empty()) return true;
  const bool handshake_or_alert = bytes[0] == 22 || bytes[0] == 21;
  return handshake_or_alert && (bytes.size() < 2 || bytes[1] == 3);
}

std::string group_name(const EVP_PKEY* key) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> renamed{{{"X25519", "x25519"},
                                                                                  {"X448", "x448"},
                                                                                  {"prime256v1", "secp256r1"},
                                                                                  {"prime192v1", "secp192r1"},
                                                                                  {"DH", "dh"},
                                                                                  {"id-ecPublicKey", "ec"}}};
  std::array<char, 64> buffer{};
  std::size_t length = 0;
  std::string name;
  if (EVP_PKEY_get_group_name(key, buffer.data(), buffer.size(), &length) == 1) {
    name.assign(buffer.data(), length);
  } else if (const char* type = EVP_PKEY_get0_type_name(key)) {
    name = type;
  }
  for (const auto& [theirs, iana] : renamed)
    if (name == theirs) return std::string(iana);
  return name;
}

std::string signature_name(int nid) {
  switch (nid) {
    case NID_rsassaPss: return "RSA-PSS";
    case NID_rsaEncryption: return "RSA";
    case NID_X9_62_id_ecPublicKey: return "ECDSA";
    case NID_dsa: return "DSA";
    case NID_undef: return "";
    default: return OBJ_nid2sn(nid);
  }
}

}  // namespace audit::net
