#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

/// What a server chose: ServerHello or HelloRetryRequest, and its ServerKeyExchange where that was waited for.
struct ServerHello {
  std::uint16_t version = 0;  // the selected one, out of supported_versions where TLS 1.3 put it there
  std::uint16_t cipher = 0;
  std::uint8_t compression = 0;
  bool retry = false;  // a HelloRetryRequest (RFC 8446 4.1.4)
  bool renegotiation_info = false;
  bool extended_master_secret = false;
  bool downgrade = false;              // the random says that the server speaks something newer (RFC 8446 4.1.3)
  std::optional<std::uint16_t> group;  // key_share, or the named curve of an ECDHE key exchange
  bool explicit_curve = false;         // its curve is spelt out
  std::int64_t dh_bits = 0;            // of the prime of a DHE key exchange
  std::string alpn;
};

struct TlsAlert {
  std::uint8_t level = 0;  // 1 warning, 2 fatal
  std::uint8_t description = 0;
};

/// Reads a server's first flight as far as it stands in clear. Caps: 16 KiB a record and a message that is kept, 256
/// KiB in all. A warning of unrecognized_name or user_canceled is passed over. Errors: protocol_error (no TLS, or
/// broken: SSLv2, plain text, wrong lengths), truncated, eof. An alert is an answer.
class ServerFlightReader {
 public:
  enum class Step { need_more, hello, alert, failed };
  enum class Until { hello, key_exchange };  // before TLS 1.3 a suite's group stands in its key exchange

  explicit ServerFlightReader(Until until = Until::hello) : until_(until) {}

  Step feed(std::string_view bytes);
  Step end();

  [[nodiscard]] bool silent() const noexcept { return total_ == 0; }
  /// With `hello`; with `alert` and `failed` only where `greeted`.
  [[nodiscard]] const ServerHello& hello() const noexcept { return hello_; }
  [[nodiscard]] bool greeted() const noexcept { return greeted_; }
  [[nodiscard]] const TlsAlert& alert() const noexcept { return alert_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step next_record();
  Step take_handshake(std::string_view content);
  Step take_alert(std::string_view content);
  Step message(std::uint8_t type, std::string_view body);
  Step fail(Reason reason, std::string text);

  Until until_;
  Step step_ = Step::need_more;
  std::string records_;
  std::string messages_;
  std::string alerts_;
  std::size_t skip_ = 0;  // bytes of a message that nobody needs
  std::size_t total_ = 0;
  std::size_t count_ = 0;  // of records
  bool greeted_ = false;
  bool warned_ = false;
  ServerHello hello_;
  TlsAlert alert_;
  Error error_;
};

}  // namespace audit::proto
