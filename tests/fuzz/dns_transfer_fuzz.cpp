#include "fuzz.hpp"
#include "proto/dns_tcp.hpp"
#include "proto/dns_transfer.hpp"

using namespace audit::proto;

/// A server's whole side of a transfer: never more kept than the cap, never whole without two SOAs.
AUDIT_FUZZ_TARGET(bytes) {
  DnsTcpReader reader;
  DnsTransfer transfer("host.example", 0x1234);
  while (!bytes.empty() && reader.feed(bytes) == DnsTcpReader::Step::message) {
    bytes.remove_prefix(reader.taken());
    if (transfer.feed(reader.message()) != DnsTransfer::Step::need_more) break;
  }
  require(transfer.records().size() <= DnsTransfer::most_kept);
  require(!transfer.complete() || transfer.count() >= 2);
}
