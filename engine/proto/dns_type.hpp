#pragma once

#include <cstdint>
#include <string>

namespace audit::proto {

inline constexpr std::uint16_t dns_type_a = 1;
inline constexpr std::uint16_t dns_type_txt = 16;
inline constexpr std::uint16_t dns_type_aaaa = 28;
inline constexpr std::uint16_t dns_type_opt = 41;
inline constexpr std::uint16_t dns_type_spf = 99;
inline constexpr std::uint16_t dns_class_in = 1;

/// Appends the mnemonic, else "TYPE731" (RFC 3597 5).
void append_type(std::string& text, std::uint16_t type);

/// "NOERROR"; "RCODE23" for one that has no name here.
[[nodiscard]] std::string dns_rcode_name(unsigned rcode);

}  // namespace audit::proto
