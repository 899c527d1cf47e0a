#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

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
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// In lower-case hex.
[[nodiscard]] std::string hex_of(const Sha256::Bytes& digest);

}  // namespace audit
