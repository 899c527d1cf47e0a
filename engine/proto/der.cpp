#include "proto/der.hpp"

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::uint32_t tag_follows = 31;
constexpr std::uint8_t more_follows = 0x80;

}  // namespace

bool DerWalk::fail(const char* what, std::size_t offset) noexcept {
  mistake_ = what;
  at_ = offset;
  return false;
}

DerWalk::Event DerWalk::next() noexcept {
  if (mistake_ != nullptr) return Event::mistake;
  if (depth_ == 0 && elements_ > 0) return Event::done;
  if (depth_ > 0 && at_ == ends_[depth_ - 1]) {
    --depth_;
    return Event::leave;
  }
  if (!read_header(depth_ > 0 ? ends_[depth_ - 1] : bytes_.size())) return Event::mistake;
  ++elements_;
  if (!element_.constructed) {
    at_ = element_.end;
    return Event::element;
  }
  at_ = element_.content;
  ends_[depth_++] = element_.end;
  return Event::element;
}

bool DerWalk::read_tag(std::size_t& at, std::size_t limit) noexcept {
  const std::uint8_t first = get8(bytes_, at++);
  element_.tag_class = static_cast<TagClass>(first >> 6);
  element_.constructed = (first & 0x20) != 0;
  element_.tag = first & tag_follows;
  if (element_.tag != tag_follows) return true;
  element_.tag = 0;
  for (std::size_t begin = at;;) {
    if (at >= limit) return fail("it is cut in mid-tag", at);
    const std::uint8_t octet = get8(bytes_, at);
    if (at == begin && octet == more_follows) return fail("a tag with leading zeros", at);
    if (at - begin == 4) return fail("a tag above 2^28-1", begin);
    element_.tag = element_.tag << 7 | (octet & 0x7fU);
    ++at;
    if ((octet & more_follows) != 0) continue;
    return element_.tag >= tag_follows || fail("a tag in the long form that has a short one", begin);
  }
}

bool DerWalk::read_length(std::size_t& at, std::size_t limit, std::size_t& length) noexcept {
  if (at >= limit) return fail("it is cut before its length", at);
  const std::size_t begin = at;
  const std::uint8_t first = get8(bytes_, at++);
  length = first;
  if (first < more_follows) return true;
  if (first == more_follows) return fail("an indefinite length", begin);
  std::size_t octets = first & 0x7fU;
  if (octets > limit - at) return fail("it is cut in mid-length", limit);
  length = 0;
  bool padded = get8(bytes_, at) == 0;
  for (; octets > 0; --octets) {
    if (length >> 24 != 0) return fail("a length of more than 32 bits", begin);
    length = length << 8 | get8(bytes_, at++);
  }
  padded = padded || length < more_follows;
  return !padded || coding_ == Coding::ber || fail("a length longer than need be", begin);
}

bool DerWalk::read_header(std::size_t limit) noexcept {
  element_ = DerElement();
  element_.begin = at_;
  if (at_ >= limit) return fail("there is no element", at_);
  if (elements_ == most_der_elements) return fail("more than 16384 elements", at_);
  std::size_t at = at_;
  std::size_t length = 0;
  if (!read_tag(at, limit) || !read_length(at, limit, length)) return false;
  if (length > limit - at) return fail("its length goes beyond the end of what holds it", element_.begin);
  element_.content = at;
  element_.end = at + length;
  if (element_.constructed && depth_ == deepest_der) return fail("nested deeper than 64", element_.begin);
  if (element_.tag_class != TagClass::universal) return true;
  if (element_.tag == 0) return fail("an end-of-contents mark, and no indefinite length to end", element_.begin);
  if (element_.constructed != is_constructed_type(element_.tag))
    return fail(element_.constructed ? "a constructed element of a primitive type"
                                     : "a primitive element of a constructed type",
                element_.begin);
  const char* what = element_.constructed ? nullptr : content_mistake(element_.tag, content(), coding_);
  return what == nullptr || fail(what, element_.begin);
}

std::size_t write_der_header(TagClass tag_class, bool constructed, std::uint32_t tag, std::size_t length,
                             std::array<char, longest_der_header>& out) noexcept {
  std::size_t at = 0;
  const std::uint32_t top = static_cast<std::uint32_t>(tag_class) << 6 | (constructed ? 0x20U : 0U);
  if (tag < tag_follows) {
    out[at++] = static_cast<char>(top | tag);
  } else {
    out[at++] = static_cast<char>(top | tag_follows);
    int septets = 1;
    while (septets < 4 && tag >> (7 * septets) != 0) ++septets;
    while (septets-- > 0)
      out[at++] = static_cast<char>((tag >> (7 * septets) & 0x7fU) | (septets > 0 ? more_follows : 0U));
  }
  if (length < more_follows) {
    out[at++] = static_cast<char>(length);
    return at;
  }
  std::uint32_t octets = 1;
  while (octets < 4 && length >> (8 * octets) != 0) ++octets;
  out[at++] = static_cast<char>(more_follows | octets);
  while (octets-- > 0) out[at++] = static_cast<char>(length >> (8 * octets) & 0xff);
  return at;
}

}  // namespace audit::proto
