#include "proto/der_value.hpp"

#include <charconv>

#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::array<std::string_view, tag::last + 1> type_names{"",
                                                                 "BOOLEAN",
                                                                 "INTEGER",
                                                                 "BIT STRING",
                                                                 "OCTET STRING",
                                                                 "NULL",
                                                                 "OBJECT IDENTIFIER",
                                                                 "ObjectDescriptor",
                                                                 "EXTERNAL",
                                                                 "REAL",
                                                                 "ENUMERATED",
                                                                 "EMBEDDED PDV",
                                                                 "UTF8String",
                                                                 "RELATIVE-OID",
                                                                 "TIME",
                                                                 "",
                                                                 "SEQUENCE",
                                                                 "SET",
                                                                 "NumericString",
                                                                 "PrintableString",
                                                                 "TeletexString",
                                                                 "VideotexString",
                                                                 "IA5String",
                                                                 "UTCTime",
                                                                 "GeneralizedTime",
                                                                 "GraphicString",
                                                                 "VisibleString",
                                                                 "GeneralString",
                                                                 "UniversalString",
                                                                 "CHARACTER STRING",
                                                                 "BMPString"};

/// The first nine bits all equal: a byte too many (X.690 section 8.3.2).
bool is_padded(std::string_view content) noexcept {
  if (content.size() < 2) return false;
  const bool high = (get8(content, 1) & 0x80) != 0;
  return get8(content, 0) == (high ? 0xff : 0);
}

const char* bit_string_mistake(std::string_view content, Coding coding) noexcept {
  if (content.empty()) return "a BIT STRING without its count of unused bits";
  const std::uint8_t unused = get8(content, 0);
  if (unused > 7 || (unused != 0 && content.size() == 1)) return "a BIT STRING with more unused bits than it has";
  const std::uint32_t behind = (1U << unused) - 1;
  if (coding == Coding::der && content.size() > 1 && (get8(content, content.size() - 1) & behind) != 0)
    return "a BIT STRING whose unused bits are set";
  return nullptr;
}

const char* oid_mistake(std::string_view content) noexcept {
  if (content.empty()) return "an empty OBJECT IDENTIFIER";
  bool begins = true;
  for (const char byte : content) {
    const auto octet = static_cast<std::uint8_t>(byte);
    if (begins && octet == 0x80) return "an arc of an OBJECT IDENTIFIER with leading zeros";
    begins = (octet & 0x80) == 0;
  }
  return begins ? nullptr : "an OBJECT IDENTIFIER that is cut in mid-arc";
}

/// The arc at `at`, which is moved behind it; nothing where it is cut, padded or above 64 bits.
std::optional<std::uint64_t> read_arc(std::string_view content, std::size_t& at) noexcept {
  std::uint64_t arc = 0;
  if (get8(content, at) == 0x80) return std::nullopt;
  while (at < content.size()) {
    const std::uint8_t octet = get8(content, at++);
    if (arc >> 57 != 0) return std::nullopt;
    arc = arc << 7 | (octet & 0x7fU);
    if ((octet & 0x80) == 0) return arc;
  }
  return std::nullopt;
}

char* write_arc(std::uint64_t arc, char* out) noexcept {
  int septets = 1;
  while (septets < 10 && arc >> (7 * septets) != 0) ++septets;
  while (septets-- > 0) *out++ = static_cast<char>((arc >> (7 * septets) & 0x7f) | (septets > 0 ? 0x80U : 0U));
  return out;
}

char* write_number(std::uint64_t number, char* out) noexcept {
  constexpr std::ptrdiff_t most_digits = 20;
  return std::to_chars(out, out + most_digits, number).ptr;
}

/// The next arc of dotted text, without leading zeros; nothing where there is none.
std::optional<std::uint64_t> next_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || (text[0] == '0' && behind != text.data() + 1)) return std::nullopt;
  if (behind != end && (*behind != '.' || behind + 1 == end)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(behind - text.data()) + (behind != end ? 1 : 0));
  return number;
}

}  // namespace

std::string_view name_of_type(std::uint32_t universal_tag) noexcept {
  return universal_tag < type_names.size() ? type_names[universal_tag] : std::string_view();
}

std::optional<std::uint32_t> find_type(std::string_view name) noexcept {
  for (std::uint32_t number = 1; number < type_names.size(); ++number)
    if (!name.empty() && type_names[number] == name) return number;
  return std::nullopt;
}

bool is_constructed_type(std::uint32_t universal_tag) noexcept {
  constexpr std::uint32_t external = 8;
  constexpr std::uint32_t embedded_pdv = 11;
  constexpr std::uint32_t character_string = 29;
  return universal_tag == tag::sequence || universal_tag == tag::set || universal_tag == external ||
         universal_tag == embedded_pdv || universal_tag == character_string;
}

const char* content_mistake(std::uint32_t universal_tag, std::string_view content, Coding coding) noexcept {
  switch (universal_tag) {
    case tag::boolean:
      if (content.size() != 1) return "a BOOLEAN that is not one byte";
      if (coding == Coding::der && get8(content, 0) != 0 && get8(content, 0) != 0xff)
        return "a BOOLEAN that is neither 00 nor ff";
      return nullptr;
    case tag::integer:
    case tag::enumerated:
      if (content.empty()) return "an INTEGER without a byte";
      return coding == Coding::der && is_padded(content) ? "an INTEGER longer than need be" : nullptr;
    case tag::bit_string: return bit_string_mistake(content, coding);
    case tag::null: return content.empty() ? nullptr : "a NULL with contents";
    case tag::oid:
    case tag::relative_oid: return oid_mistake(content);
    default: return nullptr;
  }
}

std::optional<std::int64_t> read_integer(std::string_view content) noexcept {
  if (content.empty()) return std::nullopt;
  while (is_padded(content)) content.remove_prefix(1);
  if (content.size() > 8) return std::nullopt;
  std::uint64_t number = (get8(content, 0) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < content.size(); ++i) number = number << 8 | get8(content, i);
  return static_cast<std::int64_t>(number);
}

std::size_t write_integer(std::int64_t number, std::array<char, 8>& out) noexcept {
  const auto bits = static_cast<std::uint64_t>(number);
  std::array<char, 8> all{};
  for (std::size_t i = 0; i < 8; ++i) all[i] = static_cast<char>(bits >> (56 - 8 * i) & 0xff);
  std::string_view shortest(all.data(), all.size());
  while (is_padded(shortest)) shortest.remove_prefix(1);
  shortest.copy(out.data(), shortest.size());
  return shortest.size();
}

std::size_t write_oid_text(std::string_view content, bool relative, char* out) noexcept {
  char* const begin = out;
  std::size_t at = 0;
  while (at < content.size()) {
    const bool first = at == 0;
    const std::optional<std::uint64_t> arc = read_arc(content, at);
    if (!arc) return 0;
    if (first && !relative) {  // X.690 section 8.19.4: the first two are one number
      const std::uint64_t top = *arc < 80 ? *arc / 40 : 2;
      out = write_number(top, out);
      *out++ = '.';
      out = write_number(*arc - top * 40, out);
    } else {
      if (!first) *out++ = '.';
      out = write_number(*arc, out);
    }
  }
  return static_cast<std::size_t>(out - begin);
}

std::size_t read_oid_text(std::string_view text, bool relative, char* out) noexcept {
  char* const begin = out;
  if (!relative) {
    const std::optional<std::uint64_t> top = next_number(text);
    const std::optional<std::uint64_t> second = top && !text.empty() ? next_number(text) : std::nullopt;
    if (!second || *top > 2 || (*top < 2 && *second > 39) || *second > ~std::uint64_t{0} - 80) return 0;
    out = write_arc(*top * 40 + *second, out);
  } else if (text.empty()) {
    return 0;
  }
  while (!text.empty()) {
    const std::optional<std::uint64_t> arc = next_number(text);
    if (!arc) return 0;
    out = write_arc(*arc, out);
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace audit::proto
