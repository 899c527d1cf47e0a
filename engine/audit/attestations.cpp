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

/// What ids of a catalogue look like, so that "AC-2" and "PE-17" are alike and "AC2" is another thing.
std::string form_of(std::string_view id) {
  std::string form;
  for (const char c : id) {
    const bool digit = c >= '0' && c <= '9';
    const char kind = digit ? '0' : c >= 'A' && c <= 'Z' ? 'A' : c >= 'a' && c <= 'z' ? 'a' : c;
    if (!digit || !form.ends_with('0')) form += kind;
  }
  return form;
}

std::size_t longest_number(std::string_view id) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : id) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// May the catalogue have such a control? Its file lists only some of them.
bool may_have(const Framework& framework, std::string_view control) {
  const std::string form = form_of(control);
  return std::any_of(framework.controls.begin(), framework.controls.end(), [&](const Framework::Control& one) {
    return form_of(one.id) == form && longest_number(control) <= std::max<std::size_t>(2, longest_number(one.id));
  });
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
    } else if (std::any_of(known->controls.begin(), known->controls.end(),
                           [&](const Framework::Control& one) { return one.id == control; })) {
      continue;
    } else if (may_have(*known, control)) {
      complaints.notices.push_back(
          fmt::format("{}: {} does not list {}: the attestation is reported, among the controls it is not", place,
                      visible(known->file.empty() ? framework : known->file), visible(attestation.control)));
    } else {
      const std::string example =
          known->controls.empty() ? std::string() : fmt::format(": its ids look like `{}`", known->controls.front().id);
      complaints.mistakes.push_back(fmt::format("{}: {} has no control `{}`{}{}", place, framework, visible(control),
                                                example, did_you_mean(control, known->controls)));
    }
  }
  return complaints;
}

}  // namespace audit::core
