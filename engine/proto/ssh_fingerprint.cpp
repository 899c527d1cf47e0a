#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "proto/ssh_host_key.hpp"

namespace audit::proto {
namespace {

std::basic_string<unsigned char> digest_of(std::string_view bytes, const EVP_MD* hash) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, hash, nullptr) != 1)
    throw std::runtime_error("OpenSSL gives no digest for a fingerprint");
  return {digest.data(), length};
}

}  // namespace

std::string ssh_sha256_fingerprint(std::string_view plain) {
  const auto digest = digest_of(plain, EVP_sha256());
  std::array<unsigned char, 64> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  std::string fingerprint = "SHA256:";
  for (int i = 0; i < length; ++i)
    if (const unsigned char c = text[static_cast<std::size_t>(i)]; c != '=') fingerprint += static_cast<char>(c);
  return fingerprint;
}

std::string ssh_md5_fingerprint(std::string_view plain) {
  std::string fingerprint = "MD5";
  for (const unsigned char byte : digest_of(plain, EVP_md5())) fingerprint += fmt::format(":{:02x}", byte);
  return fingerprint;
}

}  // namespace audit::proto
