#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::store {

/// Records one behind the other, until they are compressed together: what alike records share is stored once.
class Segment {
 public:
  void add(std::string_view record);
  [[nodiscard]] bool empty() const noexcept { return records_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  /// The compressed bytes (zstd); the segment is empty after it.
  [[nodiscard]] std::string seal();

  static constexpr std::size_t usual_size = 256U << 10U;         // sealed at about this size
  static constexpr std::size_t largest = std::size_t{1} << 30U;  // unpacked; what claims to be more is refused

 private:
  std::string bytes_;
  std::uint64_t records_ = 0;
};

/// Compresses by itself what is no list of records.
[[nodiscard]] std::string pack(std::string_view bytes);
/// Error protocol_error: not what `pack` or `seal` wrote.
[[nodiscard]] Result<std::string> unpack(std::string_view packed);
/// The same in place of what `bytes` holds.
[[nodiscard]] Result<void> unpack(std::string_view packed, std::string& bytes);
/// Calls `each` for every record of a sealed segment, until it returns false. Error protocol_error: the segment is damaged.
[[nodiscard]] Result<void> read_segment(std::string_view sealed, const std::function<bool(std::string_view)>& each);

}  // namespace audit::store
