#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace audit::seal {

/// Is there a block of this label (RFC 7468: "-----BEGIN LABEL-----") in the text?
[[nodiscard]] bool has_armor(std::string_view text, std::string_view label);
/// The bytes of the first such block: base64 in lines, without headers. None where it does not end, or is no base64.
[[nodiscard]] std::optional<std::string> dearmor(std::string_view text, std::string_view label);
/// Such a block, in lines of 70 as OpenSSH writes them.
[[nodiscard]] std::string armored(std::string_view bytes, std::string_view label);

/// Strict base64 (RFC 4648 4); none where it is not.
[[nodiscard]] std::optional<std::string> base64_bytes(std::string_view text);

}  // namespace audit::seal
