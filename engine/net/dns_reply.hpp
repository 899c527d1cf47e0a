#pragma once

#include "base/ports.hpp"
#include "proto/dns.hpp"

namespace audit::net {

/// How a DNS question is put.
struct DnsManner {
  bool recursion = true;  // RD
  bool dnssec = false;    // DO: the signatures too (RFC 3225)
  bool only_tcp = false;  // in place of UDP with TCP on truncation

  DnsManner() = default;
  DnsManner(bool recursion_in, bool dnssec_in, bool only_tcp_in)
      : recursion(recursion_in), dnssec(dnssec_in), only_tcp(only_tcp_in) {}
};

/// A DNS answer, and who gave it.
struct DnsReply {
  proto::DnsMessage message;
  Endpoint server;
  Endpoint local;
  std::uint32_t attempts = 0;
  bool over_tcp = false;
  bool cached = false;  // heard before, or by another who asked the same; nothing was sent for it
};

}  // namespace audit::net
