#pragma once

#include <string>

#include "net/tls.hpp"

namespace audit::probe {

/// What bytes to a peer go through, as far as that keeps a secret from others: TLS by itself hides them only from those
/// who listen, not from whoever answers in the peer's place.
struct Channel {
  enum class Kind { clear, unproven, proven };
  Kind kind = Kind::clear;
  std::string doubt;  // of `unproven`: why the certificate does not prove who answers

  Channel() = default;
  Channel(Kind kind_in, std::string doubt_in) : kind(kind_in), doubt(std::move(doubt_in)) {}
  static Channel proven() { return {Kind::proven, {}}; }
};

/// Proven where the chain leads to the trust that was asked for and the certificate is for the name or address that was
/// asked (RFC 9525 6).
[[nodiscard]] Channel channel_of(const net::TlsSession& session);

}  // namespace audit::probe
