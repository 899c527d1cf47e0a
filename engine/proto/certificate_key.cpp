#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>

#include "base/digest.hpp"
#include "proto/certificate_parts.hpp"

namespace audit::proto {
namespace {

struct KeyRow {
  int id;
  std::string_view name;
};

constexpr std::array<KeyRow, 10> key_rows{{
    {EVP_PKEY_RSA, "rsa"},
    {EVP_PKEY_RSA_PSS, "rsa-pss"},
    {EVP_PKEY_EC, "ecdsa"},
    {EVP_PKEY_ED25519, "ed25519"},
    {EVP_PKEY_ED448, "ed448"},
    {EVP_PKEY_DSA, "dsa"},
    {EVP_PKEY_DH, "dh"},
    {EVP_PKEY_X25519, "x25519"},
    {EVP_PKEY_X448, "x448"},
    {EVP_PKEY_SM2, "sm2"},
}};

std::string_view known_type(int id) {
  for (const KeyRow& row : key_rows)
    if (row.id == id) return row.name;
  return {};
}

/// TLS knows two curves by another name than X9.62 and OpenSSL.
std::string curve_of(const EVP_PKEY* key) {
  int spelt_out = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &spelt_out);
  if (spelt_out != 0) return "explicit";
  std::array<char, 80> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return "explicit";
  const std::string_view text(name.data(), length);
  if (text == "prime256v1") return "secp256r1";
  if (text == "prime192v1") return "secp192r1";
  return std::string(text);
}

std::int64_t bits_of(const EVP_PKEY* key) {
  constexpr std::int64_t curve25519_bits = 256;  // OpenSSL counts the bits of its order, 253
  const int id = EVP_PKEY_get_base_id(key);
  return id == EVP_PKEY_ED25519 || id == EVP_PKEY_X25519 ? curve25519_bits : EVP_PKEY_get_bits(key);
}

void read_spki(X509* x509, Certificate& certificate) {
  X509_PUBKEY* spki = X509_get_X509_PUBKEY(x509);
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, spki);
  const std::string_view type = known_type(OBJ_obj2nid(algorithm));
  certificate.key_type = type.empty() ? name_of_object(algorithm) : std::string(type);
  unsigned char* raw = nullptr;
  const int length = i2d_X509_PUBKEY(spki, &raw);
  if (length <= 0) return;
  certificate.key_sha256 = sha256_hex({reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)});
  OPENSSL_free(raw);
}

}  // namespace

void read_key(X509* x509, Certificate& certificate) {
  read_spki(x509, certificate);
  EVP_PKEY* key = X509_get0_pubkey(x509);
  if (key == nullptr) {
    certificate.faults.emplace_back("subjectPublicKeyInfo: the key cannot be read");
    return;
  }
  const int id = EVP_PKEY_get_base_id(key);
  if (const std::string_view type = known_type(id); !type.empty()) certificate.key_type = type;
  certificate.key_bits = bits_of(key);
  if (id == EVP_PKEY_EC || id == EVP_PKEY_SM2) certificate.curve = curve_of(key);
  certificate.self_signed = certificate.self_issued && X509_verify(x509, key) == 1;
}

}  // namespace audit::proto
