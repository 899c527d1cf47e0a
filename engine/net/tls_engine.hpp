#pragma once

#include <openssl/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "net/tls.hpp"
#include "net/trust_store.hpp"

namespace audit::net {

/// What the TLS clients of one shard share: OpenSSL's context, made when first asked for. Offers whatever OpenSSL still
/// can (TLS 1.0, SHA-1, short keys), the usual first: an audit looks at old servers too. Anonymous suites are left out,
/// because a server that prefers them shows no certificate.
class TlsClient {
 public:
  /// Null where OpenSSL cannot.
  [[nodiscard]] SSL_CTX* context();

 private:
  struct Free {
    void operator()(SSL_CTX* context) const noexcept;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

/// The client's half of one TLS connection, sans-IO: bytes of the wire in and out, plain text out and in. At most 512 KiB
/// of handshake and 256 KiB of certificates are looked at.
class TlsEngine {
 public:
  enum class Step : std::uint8_t { need_more, done, failed };

  /// Errors: rule_error (settings that cannot be), local_fault.
  [[nodiscard]] static Result<std::unique_ptr<TlsEngine>> make(TlsClient& client, const TlsSettings& settings,
                                                               const Endpoint& remote);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// Bytes that the peer sent.
  void feed(std::string_view bytes);
  /// Bytes for the peer, once.
  [[nodiscard]] std::string take_outgoing();

  /// Goes as far as the bytes reach. After `failed`, `error` is a tls_error that says what the peer or OpenSSL said.
  [[nodiscard]] Step handshake();
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  /// After `done`; and after `failed` where `showed_unreadable`, with what came up to then.
  [[nodiscard]] TlsSession session();
  /// Did the handshake fail because a certificate that was sent cannot be read?
  [[nodiscard]] bool showed_unreadable() const noexcept { return unreadable_; }
  /// Has the handshake come to its end?
  [[nodiscard]] bool established() const noexcept { return established_; }

  /// Is there more, on the wire or in plain text, than was read?
  [[nodiscard]] bool holds_bytes() const;
  /// Plain text that has come; 0 where more bytes are needed. Errors: eof (the peer said that it ends), tls_error.
  [[nodiscard]] Result<std::size_t> read(std::span<char> buffer);
  /// Errors: tls_error.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// Says that nothing more will be sent (close_notify, RFC 8446 6.1).
  void end();

 private:
  struct Free {
    void operator()(SSL* connection) const noexcept;
  };

  TlsEngine(SSL* connection, const Endpoint& remote) : connection_(connection), remote_(remote) {}
  [[nodiscard]] Result<void> set_up(const TlsSettings& settings);
  static void overhear(int sent, int version, int type, const void* bytes, std::size_t size, SSL* connection,
                       void* engine) noexcept;
  void heard(int type, std::string_view message);
  [[nodiscard]] Error explain(std::string_view doing);
  void describe_group(TlsSession& session) const;
  void judge_certificate(TlsSession& session) const;

  std::unique_ptr<SSL, Free> connection_;
  Endpoint remote_;
  std::string name_;
  std::shared_ptr<const TrustStore> trust_;
  std::vector<std::string> chain_;
  std::string first_;  // the first bytes that came
  std::size_t fed_ = 0;
  int alert_ = -1;  // the peer's, RFC 8446 6
  bool asks_certificate_ = false;
  bool established_ = false;
  bool unreadable_ = false;
  Error error_;
};

}  // namespace audit::net
