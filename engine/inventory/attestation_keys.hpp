#pragma once

#include <vector>

#include "inventory/attestation.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// Reads [[attestations]]. Whether there is such a framework is for whoever knows the frameworks.
[[nodiscard]] std::vector<Attestation> read_attestations(Mistakes& mistakes, const KeyValue& section);

}  // namespace audit::inventory
