#include "fuzz.hpp"
#include "proto/icmp_echo.hpp"

using namespace audit;
using namespace audit::proto;

/// What is read lies within what came; what is written is read back, and its checksum holds.
AUDIT_FUZZ_TARGET(bytes) {
  for (const Family family : {Family::v4, Family::v6}) {
    for (const Checksum checksum : {Checksum::tested, Checksum::trusted}) {
      const auto message = read_echo(family, bytes, checksum);
      if (!message) continue;
      require(message->payload.size() + 8 == bytes.size());
      if (checksum == Checksum::tested) require(read_echo(family, bytes, Checksum::trusted).has_value());
    }
    const std::string written = write_echo_request(family, 1, 2, bytes);
    const auto back = read_echo(family, written, Checksum::trusted);
    require(back && !back->reply && back->payload == bytes);
  }
  require(internet_checksum(write_echo_request(Family::v4, 1, 2, bytes)) == 0);
  if (const auto carried = strip_ipv4_header(bytes)) {
    require(carried->size() + 20 <= bytes.size());
    if (!carried->empty()) require(carried->data() >= bytes.data() + 20);
  }
}
