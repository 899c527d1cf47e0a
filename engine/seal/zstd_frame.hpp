#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct ZSTD_DCtx_s;

namespace audit::seal {

/// What a file of exactly one zstd frame (RFC 8878) unpacks to, in pieces; never on disk, never more than a piece in memory.
/// A frame that unpacks to far more than any bundle does is refused on the way.
class ZstdFrame {
 public:
  static constexpr std::uint64_t most_times = 1'000;               // larger than the file
  static constexpr std::uint64_t free_of_that = 64U << 20U;        // bytes, for which that does not count
  static constexpr std::uint64_t most = std::uint64_t{17} << 30U;  // bytes: what a manifest may name, and what tar adds

  explicit ZstdFrame(std::istream& in);

  /// The next piece, good until the one after it; "" at the end. Error protocol_error: no frame, cut off, too large, or
  /// something follows it.
  [[nodiscard]] Result<std::string_view> next();

 private:
  [[nodiscard]] bool refill();
  [[nodiscard]] Result<std::string_view> checked(std::size_t size);

  struct Free {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };
  std::istream& file_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string packed_;
  std::size_t used_ = 0;  // of `packed_`
  std::string plain_;
  std::uint64_t read_ = 0;
  std::uint64_t unpacked_ = 0;
  bool ended_ = false;
};

}  // namespace audit::seal
