#include <fmt/format.h>

#include <ostream>

#include "base/text.hpp"
#include "report/decisions.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 120;
constexpr std::size_t longest_prose = 600;

Ink ink_of(const WaiverRecord& waiver) {
  switch (waiver.state) {
    case WaiverState::expired: return waiver.matched > 0 ? Ink::bad : Ink::warn;
    case WaiverState::expiring: return Ink::warn;
    case WaiverState::active: return waiver.unused() ? Ink::warn : Ink::plain;
    case WaiverState::future: return Ink::faint;
  }
  return Ink::plain;
}

}  // namespace

void write_waivers(const RunRecord& record, const Style& style, std::ostream& out) {
  if (record.waivers.empty()) return;
  heading(out, style, fmt::format("WAIVERS ({})", record.waivers.size()));
  paragraph(out, style, "  ", tally_of(record.waivers));
  for (const WaiverRecord* waiver : by_urgency(record.waivers)) {
    paragraph(out, style, "  - ",
              fmt::format("{} {} {}: {}", shown(waiver->id, longest_name), name_of(waiver->state), time_of(*waiver),
                          effect_of(*waiver)),
              ink_of(*waiver));
    paragraph(out, style, "      ", reach_of(*waiver));
    paragraph(out, style, "      ",
              fmt::format("{}{}: {}", shown(waiver->approver, longest_name),
                          waiver->ticket.empty() ? std::string() : ", " + shown(waiver->ticket, longest_name),
                          prose(waiver->reason, longest_prose)),
              Ink::faint);
  }
}

void write_attestations(const RunRecord& record, const Style& style, std::ostream& out) {
  if (record.attestations.empty()) return;
  heading(out, style, fmt::format("ATTESTED BY PEOPLE ({})", record.attestations.size()));
  for (const AttestationRecord& attestation : record.attestations) {
    paragraph(out, style, "  - ",
              fmt::format("{}: {}", shown(attestation.control, longest_name), standing_of(attestation)),
              attestation.state == AttestationState::current ? Ink::plain : Ink::warn);
    paragraph(out, style, "      ",
              fmt::format("{}, {}: {}", shown(attestation.by, longest_name), format_day(attestation.date),
                          prose(attestation.evidence, longest_prose)),
              Ink::faint);
  }
}

}  // namespace audit::report
