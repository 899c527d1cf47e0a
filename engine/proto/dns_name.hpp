#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

// Domain names between their wire format and their presentation format (RFC 1035 3.1, 4.1.4 and 5.1).

inline constexpr std::size_t dns_name_max = 255;  // bytes on the wire, the root's included

enum class NameRead { ok, cut, malformed };

/// The labels of `name`, each after its length, and the root. Error: protocol_error with a text that says what is
/// wrong.
[[nodiscard]] Result<std::string> name_to_wire(std::string_view name);

/// Moves `offset` behind the name there, without following its pointer. `cut`: the message ends within it.
[[nodiscard]] NameRead skip_name(std::string_view message, std::size_t& offset) noexcept;

/// Puts the name at `offset` into `wire`, uncompressed, and moves `offset` behind it. The part that stands at `offset`
/// must end before `end`. A pointer may lead only backwards, so that none can loop.
[[nodiscard]] NameRead read_name(std::string_view message, std::size_t& offset, std::size_t end, std::string& wire);

/// Appends the uncompressed name in presentation format, with a dot at its end.
void append_name(std::string& text, std::string_view wire);
/// Appends one byte of a name or a character string as zone files write it: \DDD where it is not a plain one.
void append_escaped(std::string& text, char byte, std::string_view special);

}  // namespace audit::proto
