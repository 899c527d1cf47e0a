#include "tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <catch2/catch.hpp>

namespace audit::test {
namespace {

int choose_first(SSL* /*connection*/, const unsigned char** out, unsigned char* size, const unsigned char* in,
                 unsigned int length, void* /*unused*/) {
  if (length < 1) return SSL_TLSEXT_ERR_NOACK;
  *size = in[0];
  *out = in + 1;
  return SSL_TLSEXT_ERR_OK;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

std::string der_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  REQUIRE(size > 0);
  std::string der(bytes, bytes + size);
  OPENSSL_free(bytes);
  return der;
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, Release<BIO_free>> text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), certificate);
  std::string pem(BIO_ctrl_pending(text.get()), '\0');
  BIO_read(text.get(), pem.data(), static_cast<int>(pem.size()));
  return pem;
}

Identity issue(const Wanted& wanted, const Identity* issuer, const char* curve) {
  static long serial = 1;
  Identity made;
  made.key.reset(EVP_EC_gen(curve));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.until);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, issuer != nullptr ? X509_get_subject_name(issuer->certificate.get()) : name);
  if (wanted.is_ca) add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!wanted.alt_names.empty()) add_extension(certificate, NID_subject_alt_name, wanted.alt_names);
  if (wanted.padding > 0) add_extension(certificate, NID_netscape_comment, std::string(wanted.padding, 'x'));
  REQUIRE(X509_sign(certificate, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256()) > 0);
  return made;
}

TlsPeer::TlsPeer(const Identity& identity, const std::vector<const Identity*>& others)
    : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_set_security_level(context(), 0);
  SSL_CTX_set_min_proto_version(context(), TLS1_VERSION);
  REQUIRE(SSL_CTX_use_certificate(context(), identity.certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context(), identity.key.get()) == 1);
  for (const Identity* other : others) {
    X509_up_ref(other->certificate.get());
    REQUIRE(SSL_CTX_add_extra_chain_cert(context(), other->certificate.get()) == 1);
  }
  SSL_CTX_set_alpn_select_cb(context(), choose_first, nullptr);
}

TlsPeer TlsPeer::another() {
  TlsPeer peer;
  SSL_CTX_up_ref(context());
  peer.context_.reset(context());
  return peer;
}

SSL* TlsPeer::connection() {
  if (!connection_) {
    connection_.reset(SSL_new(context()));
    SSL_set_bio(connection_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(connection_.get());
  }
  return connection_.get();
}

void TlsPeer::feed(const std::string& bytes) {
  BIO_write(SSL_get_rbio(connection()), bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsPeer::answer() {
  if (SSL_do_handshake(connection()) == 1) {
    std::array<char, 16'384> buffer;
    std::size_t got = 0;
    while (SSL_read_ex(connection(), buffer.data(), buffer.size(), &got) == 1) heard_.append(buffer.data(), got);
  }
  BIO* out = SSL_get_wbio(connection());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void TlsPeer::say(const std::string& text) {
  std::size_t written = 0;
  REQUIRE(SSL_write_ex(connection(), text.data(), text.size(), &written) == 1);
}

}  // namespace audit::test
