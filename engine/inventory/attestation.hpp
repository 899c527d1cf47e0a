#pragma once

#include <string>

#include "base/day.hpp"
#include "base/status.hpp"
#include "inventory/place.hpp"

namespace audit::inventory {

/// One [[attestations]] table: a person's word for a control of the whole inventory.
struct Attestation {
  std::string control;  // "NIST-800-53/AC-17"
  Status status = Status::pass;
  std::string by;
  Day date{};
  Day valid_until{};  // its last day
  std::string evidence;
  Place control_place;
};

}  // namespace audit::inventory
