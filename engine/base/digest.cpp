#include "base/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "base/text.hpp"

namespace audit {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL gives no SHA-256");
  std::string raw;
  for (const unsigned char byte : digest) raw += static_cast<char>(byte);
  return to_hex(raw);
}

}  // namespace audit
