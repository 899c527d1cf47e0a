#pragma once

#include <optional>
#include <string_view>

#include "proto/tls_server_hello.hpp"
#include "proto/wire.hpp"

namespace audit::proto {

/// Takes numbers and vectors off the front of a TLS message; once one is not there, `ok` stays false and all is empty.
class TlsFields {
 public:
  explicit TlsFields(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::size_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint8_t number8() {
    const std::string_view taken = bytes(1);
    return ok_ ? get8(taken, 0) : std::uint8_t{0};
  }
  std::uint16_t number16() {
    const std::string_view taken = bytes(2);
    return ok_ ? get16(taken, 0) : std::uint16_t{0};
  }
  std::string_view vector8() { return bytes(number8()); }
  std::string_view vector16() { return bytes(number16()); }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Bodies of handshake messages, for ServerFlightReader. Nothing where the lengths do not add up.
[[nodiscard]] std::optional<ServerHello> read_server_hello(std::string_view body);
[[nodiscard]] bool read_key_exchange(std::string_view body, ServerHello& hello);

}  // namespace audit::proto
