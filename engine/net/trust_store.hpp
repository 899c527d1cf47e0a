#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/tls.hpp"

struct stack_st_X509;

namespace audit::net {

/// Certificates that are believed. Loaded when first asked for, once a process; immutable then, and used by all shards.
class TrustStore {
 public:
  /// Errors: local_fault (this machine has no trust store), rule_error (the PEM text holds no certificate).
  [[nodiscard]] static Result<std::shared_ptr<const TrustStore>> of(const TlsTrust& trust);

  /// Why `leaf` does not lead to a certificate of this store as a TLS server's, in OpenSSL's words, several with "; "
  /// between them; "" where it does. `others` is what the server sent, of which nothing is believed.
  [[nodiscard]] std::string complaint(X509* leaf, stack_st_X509* others) const;

 private:
  struct Free {
    void operator()(X509_STORE* store) const noexcept;
  };
  using Store = std::unique_ptr<X509_STORE, Free>;

  TrustStore(Store store, bool partial) : store_(std::move(store)), partial_(partial) {}
  [[nodiscard]] static Result<std::shared_ptr<const TrustStore>> system();
  [[nodiscard]] static Result<std::shared_ptr<const TrustStore>> from_pem(const std::string& pem);

  Store store_;
  bool partial_;  // a certificate given by hand is believed whoever issued it
};

}  // namespace audit::net
