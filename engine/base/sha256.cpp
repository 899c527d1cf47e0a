#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/text.hpp"

namespace audit {
namespace {

/// Fetched once: to look it up takes as long as to hash a line.
const EVP_MD* method() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

void need(bool done) {
  if (!done) throw std::runtime_error("OpenSSL gives no SHA-256");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  need(context_ && EVP_DigestInit_ex2(context_.get(), method(), nullptr) == 1);
}

void Sha256::update(std::string_view bytes) { need(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }

Sha256::Bytes Sha256::finish() {
  Bytes digest{};
  need(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  need(EVP_DigestInit_ex2(context_.get(), method(), nullptr) == 1);
  return digest;
}

std::string hex_of(const Sha256::Bytes& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace audit
