#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace audit::test {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

[[nodiscard]] std::string der_of(X509* certificate);
[[nodiscard]] std::string pem_of(X509* certificate);

/// A certificate and its key, made on the spot.
struct Identity {
  Certificate certificate;
  Key key;
};

struct Wanted {
  std::string common_name = "web.lab.test";
  std::string alt_names = "DNS:web.lab.test,IP:10.0.0.1";  // as openssl.cnf has them; "" for none
  long from = -86'400;                                     // seconds from now
  long until = 86'400;
  bool is_ca = false;
  std::size_t padding = 0;  // bytes of a comment within
};
/// Issued by itself where there is no issuer.
[[nodiscard]] Identity issue(const Wanted& wanted, const Identity* issuer = nullptr, const char* curve = "P-256");

/// An OpenSSL server in memory.
class TlsPeer {
 public:
  explicit TlsPeer(const Identity& identity, const std::vector<const Identity*>& others = {});
  /// Another connection of this server: most of a handshake's cost in memory is what they share.
  [[nodiscard]] TlsPeer another();

  [[nodiscard]] SSL_CTX* context() { return context_.get(); }
  [[nodiscard]] SSL* connection();
  void feed(const std::string& bytes);
  /// Goes as far as it can, and gives what it wants to send.
  [[nodiscard]] std::string answer();
  [[nodiscard]] bool established() { return SSL_is_init_finished(connection()) == 1; }
  /// Plain text that came, in all.
  [[nodiscard]] const std::string& heard() const { return heard_; }
  [[nodiscard]] bool ended() { return (SSL_get_shutdown(connection()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void say(const std::string& text);
  void close_notify() { SSL_shutdown(connection()); }

 private:
  TlsPeer() = default;

  std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Release<SSL_free>> connection_;
  std::string heard_;
};

}  // namespace audit::test
