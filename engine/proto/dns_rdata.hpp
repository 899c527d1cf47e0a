#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/dns.hpp"

namespace audit::proto {

enum class RdataRead { ok, malformed, too_much };

/// Fills `data`, `strings` and `address` of a record from the RDATA at `offset` of the message, `length` bytes that are
/// there. ldns says which fields a type has; they are cut here, so that no byte beyond them is looked at.
/// `malformed`: the RDATA does not fit its type. `too_much`: its strings would take more than `budget` bytes.
[[nodiscard]] RdataRead decode_rdata(std::string_view message, std::size_t offset, std::size_t length,
                                     std::uint16_t type, DnsRecord& record, std::size_t budget);

}  // namespace audit::proto
