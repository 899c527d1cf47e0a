#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "proto/openssl_ptr.hpp"

namespace audit::seal {

/// A private Ed25519 key (RFC 8032).
class SigningKey {
 public:
  /// PEM (PKCS #8, RFC 8410) or OpenSSH's openssh-key-v1 (PROTOCOL.key), neither encrypted: there is nobody to ask for a
  /// passphrase. Error protocol_error, in words that follow the key's name, with what to do.
  [[nodiscard]] static Result<SigningKey> read(std::string_view text);

  /// As SSH writes it (RFC 8709 4): a blob that has its type in it.
  [[nodiscard]] const std::string& public_blob() const noexcept { return public_blob_; }
  /// 64 bytes.
  [[nodiscard]] std::string sign(std::string_view bytes) const;

 private:
  SigningKey(proto::KeyPtr key, std::string public_blob) : key_(std::move(key)), public_blob_(std::move(public_blob)) {}
  [[nodiscard]] static Result<SigningKey> of(proto::KeyPtr key);

  proto::KeyPtr key_;
  std::string public_blob_;
};

}  // namespace audit::seal
