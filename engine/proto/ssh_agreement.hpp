#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

inline constexpr std::size_t ssh_random_size = 72;  // what the widest group, nistp521, takes with room to spare

/// Our half of a Diffie-Hellman agreement. Its secret comes from the caller's random bytes, and from nowhere else.
class SshAgreement {
 public:
  virtual ~SshAgreement() = default;
  /// Our public value as it is sent: the content of a string or mpint.
  [[nodiscard]] virtual const std::string& ours() const = 0;
  /// The secret that both sides share, as the content of an mpint. Errors: protocol_error (a value outside the group).
  [[nodiscard]] virtual Result<std::string> shared(std::string_view theirs) const = 0;
};

/// Each takes `ssh_random_size` bytes.
[[nodiscard]] std::unique_ptr<SshAgreement> make_x25519_agreement(std::string_view random);  // RFC 8731
/// Of NIST's curve with 256, 384 or 521 bits (RFC 5656 4).
[[nodiscard]] std::unique_ptr<SshAgreement> make_ecdh_agreement(unsigned curve_bits, std::string_view random);
/// Of the MODP group 1 (RFC 2409 6.2), 14, 16 or 18 (RFC 3526).
[[nodiscard]] std::unique_ptr<SshAgreement> make_modp_agreement(unsigned group, std::string_view random);
/// Of a group that the server made (RFC 4419), as magnitudes. Errors: protocol_error where the prime is even, or has
/// less than 512 or more than 8192 bits, or the generator is outside of it.
[[nodiscard]] Result<std::unique_ptr<SshAgreement>> make_group_agreement(std::string_view prime,
                                                                         std::string_view generator,
                                                                         std::string_view random);

}  // namespace audit::proto
