#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace audit::proto {

/// How a body was coded (RFC 9110 8.4.1); `other` is one, or a chain of them, that is not undone here.
enum class ContentCoding : std::uint8_t { identity, gzip, deflate, other };

/// Of the value of a Content-Encoding header; "" is identity.
[[nodiscard]] ContentCoding parse_content_coding(std::string_view value);

/// Undoes gzip (RFC 1952, several members too) and deflate (RFC 1950, and the bare RFC 1951 that some servers send), as the
/// bytes come, over zlib. Yields at most `most` bytes, from at most 65,536 blocks and 4,096 members: a bomb costs its cap.
class ContentDecoder {
 public:
  enum class Step : std::uint8_t {
    need_more,
    full,    // there is more than `most`
    failed,  // what came is no such coding; `problem` says why
  };

  ContentDecoder(ContentCoding coding, std::size_t most);
  ~ContentDecoder();
  ContentDecoder(ContentDecoder&&) noexcept;
  ContentDecoder& operator=(ContentDecoder&&) noexcept;

  /// Appends what the bytes decode to. After `full` or `failed` nothing more is decoded.
  Step feed(std::string_view bytes, std::string& into);
  /// No more bytes come. False where the data is cut short or failed: `problem` says so.
  bool end();
  /// "" where nothing is wrong. Bytes after the data's end are a problem too, which harms no byte of it.
  [[nodiscard]] const std::string& problem() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace audit::proto
