#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audit::proto {

// The contents octets of ASN.1's universal types (X.690). Nothing is allocated and nothing is thrown.

/// DER, or BER as SNMP sends it (RFC 3417 section 8): definite lengths and primitive strings, but longer lengths, integers
/// and truths than need be.
enum class Coding : std::uint8_t { der, ber };

namespace tag {
inline constexpr std::uint32_t boolean = 1, integer = 2, bit_string = 3, octet_string = 4, null = 5, oid = 6,
                               enumerated = 10, relative_oid = 13, sequence = 16, set = 17, last = 30;
}  // namespace tag

/// X.680's name of a universal tag ("OCTET STRING", "SEQUENCE"); "" where it has none.
[[nodiscard]] std::string_view name_of_type(std::uint32_t universal_tag) noexcept;
[[nodiscard]] std::optional<std::uint32_t> find_type(std::string_view name) noexcept;
/// SEQUENCE, SET, EXTERNAL and the like, which hold elements; all others are primitive.
[[nodiscard]] bool is_constructed_type(std::uint32_t universal_tag) noexcept;
/// What is wrong with the contents of a universal primitive element; null where nothing is. Strings are not looked into.
[[nodiscard]] const char* content_mistake(std::uint32_t universal_tag, std::string_view content,
                                          Coding coding) noexcept;

/// Two's complement, big-endian; nothing where it is empty or does not fit in 64 bits.
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view content) noexcept;
/// The shortest form, 1 to 8 bytes; how many.
[[nodiscard]] std::size_t write_integer(std::int64_t number, std::array<char, 8>& out) noexcept;

/// Of contents octets into text: `out` holds four characters a byte and four more.
[[nodiscard]] constexpr std::size_t oid_text_size(std::size_t bytes) noexcept { return bytes * 4 + 4; }
/// "1.3.6.1" of an OBJECT IDENTIFIER, "8571.3" of a RELATIVE-OID: how many characters; 0 where it is malformed or an arc is
/// above 2^64-1 (those of UUIDs are).
[[nodiscard]] std::size_t write_oid_text(std::string_view content, bool relative, char* out) noexcept;
/// The contents octets of "1.3.6.1", at most as many as characters: how many; 0 where the text is no such identifier.
[[nodiscard]] std::size_t read_oid_text(std::string_view text, bool relative, char* out) noexcept;

}  // namespace audit::proto
