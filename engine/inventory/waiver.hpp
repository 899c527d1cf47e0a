#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/block.hpp"
#include "base/day.hpp"
#include "base/ports.hpp"
#include "inventory/place.hpp"

namespace audit::inventory {

/// What names targets: an address, CIDR or range, a name or a glob over names (as [scope] exclude has them),
/// "group:switches" for the targets of a group, or "*" for every target and the checks of the whole run; with "berlin/"
/// before it only those of a zone.
struct TargetPattern {
  enum class Kind : std::uint8_t { everything, addresses, name, group };
  Kind kind = Kind::addresses;
  std::string text;                  // as written
  std::string zone;                  // only there, where not empty
  std::vector<AddressBlock> blocks;  // addresses
  std::string word;                  // name: a glob in lower case; group: its name
};

/// "tcp/23" on every address, or "tcp/10.0.0.1:23".
struct EndpointPattern {
  std::string text;  // as written
  Transport transport = Transport::tcp;
  std::uint16_t port = 0;
  std::optional<IpAddress> address;
};

/// One [[waivers]] table: who accepts what, why and until when.
struct Waiver {
  std::string id;
  std::string rule;  // a glob over rule ids
  std::vector<TargetPattern> targets;
  std::optional<EndpointPattern> endpoint;
  std::string reason;
  std::string approver;
  std::string ticket;
  Day starts{};
  Day expires{};  // its last day, in the inventory's time zone
  bool covers_fail = true;
  bool covers_unreachable = false;
  Place place;
  Place rule_place;
};

}  // namespace audit::inventory
