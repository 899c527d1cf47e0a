#include <algorithm>

#include "fuzz.hpp"
#include "proto/dns.hpp"

using namespace audit::proto;

/// What is read is printable, whatever was sent; a name that was read can be asked for.
AUDIT_FUZZ_TARGET(bytes) {
  const auto message = decode_dns_response(bytes, {"host.example", 1}, 0x1234);
  if (!message) return;
  for (const auto* section : {&message->answers, &message->authority, &message->additional})
    for (const DnsRecord& record : *section) {
      require(std::all_of(record.data.begin(), record.data.end(), [](char c) { return c >= ' ' && c <= '~'; }));
      require(encode_dns_query({record.name, 1}, 1, true, 1232, false).ok());
    }
}
