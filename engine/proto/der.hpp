#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/der_value.hpp"

namespace audit::proto {

enum class TagClass : std::uint8_t { universal, application, context, private_use };

/// One element of DER (X.690): where it begins, where its contents begin and where it ends, as offsets.
struct DerElement {
  TagClass tag_class = TagClass::universal;
  bool constructed = false;
  std::uint32_t tag = 0;
  std::size_t begin = 0;
  std::size_t content = 0;
  std::size_t end = 0;
};

inline constexpr std::size_t deepest_der = 64;            // elements within each other
inline constexpr std::size_t most_der_elements = 16'384;  // in one reading
inline constexpr std::uint32_t largest_tag = (1U << 28) - 1;

/// Walks through one element and all within it, in order. Definite lengths only; no contents octet is copied.
/// The order of a SET is not looked at.
class DerWalk {
 public:
  enum class Event : std::uint8_t {
    element,  // see element(); a constructed one is followed by what it holds, then by `leave`
    leave,
    done,
    mistake,  // see mistake() and offset(); so from now on
  };

  DerWalk(std::string_view bytes, std::size_t at, Coding coding) noexcept : bytes_(bytes), at_(at), coding_(coding) {}

  [[nodiscard]] Event next() noexcept;
  [[nodiscard]] const DerElement& element() const noexcept { return element_; }
  [[nodiscard]] std::string_view content() const noexcept {
    return bytes_.substr(element_.content, element_.end - element_.content);
  }
  /// How many elements hold the last one.
  [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
  [[nodiscard]] const char* mistake() const noexcept { return mistake_; }
  /// Where the mistake is, or behind what was read.
  [[nodiscard]] std::size_t offset() const noexcept { return at_; }

 private:
  bool fail(const char* what, std::size_t offset) noexcept;
  bool read_header(std::size_t limit) noexcept;
  bool read_tag(std::size_t& at, std::size_t limit) noexcept;
  bool read_length(std::size_t& at, std::size_t limit, std::size_t& length) noexcept;

  std::string_view bytes_;
  std::size_t at_;
  Coding coding_;
  DerElement element_;
  std::array<std::size_t, deepest_der> ends_{};
  std::size_t depth_ = 0;
  std::size_t elements_ = 0;
  const char* mistake_ = nullptr;
};

inline constexpr std::size_t longest_der_header = 10;  // five bytes of tag, five of length
/// Identifier and length octets in their shortest form; how many. `tag` up to largest_tag, `length` below 2^32.
[[nodiscard]] std::size_t write_der_header(TagClass tag_class, bool constructed, std::uint32_t tag, std::size_t length,
                                           std::array<char, longest_der_header>& out) noexcept;

}  // namespace audit::proto
