#pragma once

#include "net/tls.hpp"
#include "probe/words.hpp"

namespace audit::proto {
struct StarttlsProtocol;
}

namespace audit::probe {

/// Options of `tls` and of a stream's `starttls`: timeout (s, for all of it, default 10), server_name (default the
/// target's name), alpn (a protocol, or a list), trust ("system", "none"), trust_pem (PEM text, in place of the system's
/// store); of `tls` alone: starttls (a protocol's name or "none", default by the port).
struct TlsOptions {
  enum class Of : std::uint8_t { word, stream };

  Duration timeout;
  net::TlsSettings settings;
  const proto::StarttlsProtocol* starttls = nullptr;  // null: TLS from the first byte

  /// Errors: rule_error.
  [[nodiscard]] static Result<TlsOptions> read(Of of, const std::string& host_name, std::uint16_t port,
                                               const Value::Object& table);
  TlsOptions(Duration timeout_in, net::TlsSettings settings_in)
      : timeout(timeout_in), settings(std::move(settings_in)) {}
};

/// One handshake, after STARTTLS where the port's protocol begins in clear; the fields are those of `tls_fields`, and
/// starttls. Errors: tls_error timeout reset eof protocol_error refused unreachable out_of_scope local_fault.
[[nodiscard]] awaitable<Answer> ask_tls(Context& context, Question question);

}  // namespace audit::probe
