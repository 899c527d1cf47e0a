#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct SHA256state_st;

namespace audit {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces. One thread.
class Sha256 {
 public:
  using Bytes = std::array<unsigned char, 32>;

  Sha256();

  void update(std::string_view bytes);
  /// Of all since the last one; the next bytes begin another.
  [[nodiscard]] Bytes finish();

 private:
  struct Free {
    void operator()(SHA256state_st* state) const noexcept;
  };
  std::unique_ptr<SHA256state_st, Free> state_;
};

/// In lower-case hex.
[[nodiscard]] std::string hex_of(const Sha256::Bytes& digest);

}  // namespace audit
