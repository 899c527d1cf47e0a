#include "proto/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace audit::proto {
namespace {

struct Row {
  std::string_view name;
  const EVP_MD* (*get)();
};

// In the order of Hash.
constexpr std::array<Row, 9> rows{{{"md5", EVP_md5},
                                   {"sha1", EVP_sha1},
                                   {"sha224", EVP_sha224},
                                   {"sha256", EVP_sha256},
                                   {"sha384", EVP_sha384},
                                   {"sha512", EVP_sha512},
                                   {"sha3-256", EVP_sha3_256},
                                   {"sha3-512", EVP_sha3_512},
                                   {"blake2b512", EVP_blake2b512}}};

const EVP_MD* method(Hash kind) noexcept { return rows[static_cast<std::size_t>(kind)].get(); }

const unsigned char* octets(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string_view hash_names() noexcept { return "md5 sha1 sha224 sha256 sha384 sha512 sha3-256 sha3-512 blake2b512"; }

std::optional<Hash> find_hash(std::string_view name) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name) return static_cast<Hash>(i);
  return std::nullopt;
}

std::size_t hash(Hash kind, std::string_view bytes, HashBytes& out) noexcept {
  unsigned length = 0;
  return EVP_Digest(bytes.data(), bytes.size(), out.data(), &length, method(kind), nullptr) == 1 ? length : 0;
}

std::size_t hmac(Hash kind, std::string_view key, std::string_view bytes, HashBytes& out) noexcept {
  constexpr std::size_t longest_key = 1U << 30U;  // OpenSSL counts it in an int
  if (key.size() > longest_key) return 0;
  unsigned length = 0;
  return HMAC(method(kind), key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(), out.data(),
              &length) != nullptr
             ? length
             : 0;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace audit::proto
