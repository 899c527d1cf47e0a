#pragma once

#include <cstdint>
#include <functional>

#include "base/run_record.hpp"
#include "report/json_stream.hpp"
#include "report/lookup.hpp"
#include "report/oscal_words.hpp"

namespace audit::report {

/// What the parts of an OSCAL report share.
struct OscalParts {
  const RunRecord& record;
  JsonWriter& json;
  OscalIds ids;
  Lookup lookup;
};

/// Each result of each check with its number, from 0: that of its observation, and of its risk where it fails.
template <class Visit>
void each_numbered(const RunRecord& record, Visit visit) {
  std::uint64_t number = 0;
  for (const Check& check : record.checks)
    for (const Finding& result : check.results) visit(check, result, number++);
}

/// The tool, as the origin of all that it saw.
void put_oscal_origins(OscalParts& parts);

// The members of a result, each absent where it would be empty.
void put_oscal_definitions(OscalParts& parts);
void put_reviewed_controls(OscalParts& parts);
void put_oscal_attestations(OscalParts& parts);
void put_oscal_observations(OscalParts& parts);
void put_oscal_risks(OscalParts& parts);
void put_oscal_findings(OscalParts& parts);

}  // namespace audit::report
