#include "audit/attestations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/mistakes.hpp"

namespace audit::core {
namespace {

AttestationState state_of(const inventory::Attestation& attestation, Day today) {
  if (today < attestation.date) return AttestationState::future;
  return today > attestation.valid_until ? AttestationState::expired : AttestationState::current;
}

template <class Item>
std::string did_you_mean(const std::string& word, const std::vector<Item>& items) {
  std::vector<std::string_view> ids;
  for (const Item& item : items) ids.push_back(item.id);
  const std::string_view close = nearest(word, ids);
  return close.empty() ? std::string() : fmt::format("; did you mean `{}`?", close);
}

}  // namespace

std::vector<AttestationRecord> judge_attestations(const std::vector<inventory::Attestation>& attestations, Day today) {
  std::vector<AttestationRecord> records;
  for (const inventory::Attestation& attestation : attestations)
    records.push_back({attestation.control, attestation.status, attestation.by, attestation.date,
                       attestation.valid_until, attestation.evidence, state_of(attestation, today)});
  return records;
}

AttestationComplaints check_attestations(const std::vector<inventory::Attestation>& attestations,
                                         const Controls& controls) {
  AttestationComplaints complaints;
  for (const inventory::Attestation& attestation : attestations) {
    const std::size_t slash = attestation.control.find('/');
    const std::string framework = attestation.control.substr(0, slash);
    const std::string control = attestation.control.substr(slash + 1);
    const std::string place = inventory::format_place(attestation.control_place);
    const auto known = std::find_if(controls.frameworks.begin(), controls.frameworks.end(),
                                    [&](const Framework& one) { return one.id == framework; });
    if (controls.frameworks.empty()) {
      complaints.notices.push_back(
          fmt::format("{}: no framework is loaded that {} could belong to", place, visible(attestation.control)));
    } else if (known == controls.frameworks.end()) {
      complaints.mistakes.push_back(fmt::format("{}: there is no framework `{}`{}", place, visible(framework),
                                                did_you_mean(framework, controls.frameworks)));
    } else if (std::none_of(known->controls.begin(), known->controls.end(),
                            [&](const Framework::Control& one) { return one.id == control; })) {
      complaints.notices.push_back(fmt::format("{}: the file of {} lists no control {}{}", place, framework,
                                               visible(control), did_you_mean(control, known->controls)));
    }
  }
  return complaints;
}

}  // namespace audit::core
