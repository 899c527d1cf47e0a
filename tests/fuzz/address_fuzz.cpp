#include "base/address.hpp"
#include "base/block.hpp"
#include "base/ports.hpp"
#include "fuzz.hpp"

using namespace audit;

/// What is parsed is written so that it is parsed again, to the same.
AUDIT_FUZZ_TARGET(bytes) {
  if (const auto address = parse_address(bytes)) require(parse_address(format_address(*address)) == address);
  if (const auto block = parse_prefix(bytes)) {
    require(block->contains(block->first) && block->contains(block->last));
    if (block->size() > 1) require(parse_prefix(format_block(*block)) == block);
  }
  if (const auto ports = parse_ports(bytes); ports && !ports->empty()) require(parse_ports(ports->format()) == ports);
  if (const auto ports = parse_transport_ports(bytes))
    require(ports->tcp.size() <= 65535 && ports->udp.size() <= 65535);
}
