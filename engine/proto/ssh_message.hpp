#pragma once

#include <cstdint>

namespace audit::proto {

// Message numbers: RFC 4250 4.1.2, RFC 8308 2.3. Those from 30 on mean what the key exchange in use says.
inline constexpr std::uint8_t ssh_msg_disconnect = 1;
inline constexpr std::uint8_t ssh_msg_ignore = 2;
inline constexpr std::uint8_t ssh_msg_unimplemented = 3;
inline constexpr std::uint8_t ssh_msg_debug = 4;
inline constexpr std::uint8_t ssh_msg_kexinit = 20;
inline constexpr std::uint8_t ssh_msg_newkeys = 21;
inline constexpr std::uint8_t ssh_msg_kex_30 = 30;  // KEXDH_INIT, KEX_ECDH_INIT
inline constexpr std::uint8_t ssh_msg_kex_31 = 31;  // KEXDH_REPLY, KEX_ECDH_REPLY, KEX_DH_GEX_GROUP
inline constexpr std::uint8_t ssh_msg_gex_init = 32;
inline constexpr std::uint8_t ssh_msg_gex_reply = 33;
inline constexpr std::uint8_t ssh_msg_gex_request = 34;

}  // namespace audit::proto
