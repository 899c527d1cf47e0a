#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "proto/dns_tcp.hpp"

namespace audit::proto {

// The DNS wire format (RFC 1035, 3597, 6891). ldns knows the types and their fields; the bytes are cut here. Sans-IO: ids
// are passed in, and no message of any content costs more than 1 MB and 10 ms.
//
// Names are in presentation format: a byte that is not a plain one is written \DDD, a dot or a backslash within a label
// \. or \\ (RFC 1035 5.1). A name that was decoded ends in a dot.

/// A question of class IN. The name may end in a dot.
struct DnsQuestion {
  std::string name;
  std::uint16_t type = 1;
};

struct DnsRecord {
  std::string name;
  std::string type;  // "A", "TYPE731"
  std::uint32_t ttl = 0;
  std::string data;                  // presentation format of the RDATA; that of unknown types (RFC 3597 5) for a few
  std::vector<std::string> strings;  // TXT, SPF: the character strings as they are, not escaped
  std::optional<IpAddress> address;  // A, AAAA
};

struct DnsFlags {
  bool aa = false;
  bool tc = false;
  bool rd = false;
  bool ra = false;
  bool ad = false;
  bool cd = false;
};

struct DnsMessage {
  std::uint16_t id = 0;
  std::string rcode;  // "NOERROR", "NXDOMAIN", "RCODE23"; with the upper bits of EDNS
  DnsFlags flags;
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> authority;
  std::vector<DnsRecord> additional;  // without the OPT pseudo-record
};

/// "A", "aaaa", "TYPE65" to the number.
[[nodiscard]] std::optional<std::uint16_t> dns_type(std::string_view name);
/// The mnemonic, else "TYPE731".
[[nodiscard]] std::string dns_type_name(std::uint16_t type);

/// The bytes of a query. Error: protocol_error where the name is none (label over 63 bytes, whole over 255, empty
/// label). `udp_size` 0 asks without EDNS; else 512-65535 (1,232 is the size that needs no fragments). `dnssec_ok`
/// needs EDNS.
[[nodiscard]] Result<std::string> encode_dns_query(const DnsQuestion& question, std::uint16_t id, bool recursion,
                                                   std::uint16_t udp_size, bool dnssec_ok);

/// Errors: protocol_error, with a text, for what is not a response, has another id or another or no question (compared
/// without case), is malformed, loops, lies in its counts, or unfolds into more than the caps.
/// Two leniencies: FORMERR and NOTIMP need no question, as old servers answer EDNS with a bare header (RFC 6891 7); and
/// a message that says it is truncated (TC) may break off within a record.
[[nodiscard]] Result<DnsMessage> decode_dns_response(std::string_view bytes, const DnsQuestion& asked,
                                                     std::uint16_t id);
/// A later message of a zone transfer, which need not repeat the question (RFC 5936 2.2.1).
[[nodiscard]] Result<DnsMessage> decode_dns_continuation(std::string_view bytes, const DnsQuestion& asked,
                                                         std::uint16_t id);

}  // namespace audit::proto
