#pragma once

#include <cstdint>
#include <string>

#include "base/run_record.hpp"

namespace audit::report {

/// How loudly a report opens; the first that holds, so that what was not seen is never announced as well.
enum class Tone : std::uint8_t { incomplete, failed, partial, clean };

/// What a report says first: one headline and, where there is more to know, the sentence under it. Both are `visible`.
struct Verdict {
  Tone tone = Tone::incomplete;
  std::string headline;
  std::string detail;
};

[[nodiscard]] Verdict verdict_of(const RunRecord& record);

/// The checks that enter the score: pass + fail + error + not_reviewed.
[[nodiscard]] std::uint64_t scored(const Summary& summary);
/// The checks that ended with an answer: planned - error - not_reviewed.
[[nodiscard]] std::uint64_t judged(const Summary& summary);

}  // namespace audit::report
