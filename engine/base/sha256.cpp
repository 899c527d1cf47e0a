#include "base/sha256.hpp"

// Of OpenSSL 3 the functions below the providers, which it would do without: to start a provider takes half of the time in
// which an inventory and its rules are read.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <stdexcept>

#include "base/text.hpp"

namespace audit {
namespace {

void need(int done) {
  if (done != 1) throw std::runtime_error("OpenSSL gives no SHA-256");
}

}  // namespace

void Sha256::Free::operator()(SHA256state_st* state) const noexcept { delete state; }

Sha256::Sha256() : state_(new SHA256state_st) { need(SHA256_Init(state_.get())); }

void Sha256::update(std::string_view bytes) { need(SHA256_Update(state_.get(), bytes.data(), bytes.size())); }

Sha256::Bytes Sha256::finish() {
  Bytes digest{};
  need(SHA256_Final(digest.data(), state_.get()));
  need(SHA256_Init(state_.get()));
  return digest;
}

std::string hex_of(const Sha256::Bytes& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace audit
