#pragma once

#include <string>
#include <vector>

#include "base/attestation.hpp"
#include "base/controls.hpp"
#include "inventory/attestation.hpp"

namespace audit::core {

/// What reports say of the inventory's attestations, in its order, on the day of the run's start.
[[nodiscard]] std::vector<AttestationRecord> judge_attestations(const std::vector<inventory::Attestation>& attestations,
                                                                Day today);

/// Attestations against the frameworks that are loaded: one that speaks of another framework is a mistake, of a control
/// that the framework's file does not list a notice, since the file may well list only controls that rules bear on.
struct AttestationComplaints {
  std::vector<std::string> mistakes;
  std::vector<std::string> notices;
};
[[nodiscard]] AttestationComplaints check_attestations(const std::vector<inventory::Attestation>& attestations,
                                                       const Controls& controls);

}  // namespace audit::core
