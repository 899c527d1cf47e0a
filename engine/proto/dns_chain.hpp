#pragma once

#include <string_view>
#include <vector>

#include "proto/dns.hpp"

namespace audit::proto {

/// A record of an answer section that no answer to the question has: of a name that is neither the one asked for
/// nor what CNAMEs make of it (RFC 1034 3.6.2; in any order, without case), nor a DNAME above one (RFC 6672). The first
/// DNAME that is one, else the first record; null where there is none. `name` ends in a dot.
[[nodiscard]] const DnsRecord* stray_record(const std::vector<DnsRecord>& answers, std::string_view name);

}  // namespace audit::proto
