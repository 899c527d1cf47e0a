#include "base/uuid.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"

namespace audit {

std::string uuid_of(std::string_view space, std::string_view name) {
  std::string digits(space);
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  std::string bytes;
  if (!from_hex(digits, bytes) || bytes.size() != 16) throw std::invalid_argument("no UUID: " + std::string(space));
  bytes += name;
  std::array<unsigned char, 20> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("OpenSSL gives no SHA-1");
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0fU) | 0x50U);  // the version
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3fU) | 0x80U);  // the variant
  std::string raw;
  for (std::size_t i = 0; i < 16; ++i) raw += static_cast<char>(digest[i]);
  std::string uuid = to_hex(raw);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) uuid.insert(at, 1, '-');
  return uuid;
}

}  // namespace audit
