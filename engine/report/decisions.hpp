#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

// What people decided, in the words that every report for people uses. All texts are `visible`.

/// What needs a reader first: expired, expiring, active, then future; in the inventory's order within each.
[[nodiscard]] std::vector<const WaiverRecord*> by_urgency(const std::vector<WaiverRecord>& waivers);
/// "until 2027-01-31, 71 days left", "since 2026-10-31, 21 days ago": behind the name of its state.
[[nodiscard]] std::string time_of(const WaiverRecord& waiver);
/// "exposure.telnet-open on 10.20.1.7, at tcp/23; covers fail".
[[nodiscard]] std::string reach_of(const WaiverRecord& waiver);
/// What it came to in this run: "1 result waived", "unused: it names no result of this run".
[[nodiscard]] std::string effect_of(const WaiverRecord& waiver);
/// "2 active, 1 expired, 1 unused": how many waivers stand how.
[[nodiscard]] std::string tally_of(const std::vector<WaiverRecord>& waivers);

/// What an attestation counts as, and why where that is not what it states.
[[nodiscard]] std::string standing_of(const AttestationRecord& attestation);
/// How many attestations count as what, by Status: a kind of their own, in no score.
[[nodiscard]] std::array<std::uint64_t, status_count> count_attestations(const RunRecord& record);
/// "1 pass, 1 not_reviewed"; "" where there is none.
[[nodiscard]] std::string tally_of_attestations(const RunRecord& record);

}  // namespace audit::report
