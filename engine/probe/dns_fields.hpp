#pragma once

#include "base/value.hpp"
#include "net/dns_client.hpp"

namespace audit::probe {

/// What a rule is given of a DNS answer.
[[nodiscard]] Value::Object fields_of(const net::DnsReply& reply);
/// What a rule is given of a zone transfer: rcode, transferred, records (how many), messages, answers (the first 1,000).
[[nodiscard]] Value::Object fields_of(const net::DnsZone& zone);

}  // namespace audit::probe
