#include "cli/exit_code.hpp"

namespace audit::cli {

int exit_code_of(const RunRecord& record, const std::string& fail_on) {
  if (record.run.stopped_by == "SIGINT") return exit_sigint;
  if (record.run.stopped_by == "SIGTERM") return exit_sigterm;
  int code = exit_complete;
  if (const auto threshold = parse_severity(fail_on))
    for (std::size_t i = static_cast<std::size_t>(*threshold); i < severity_count; ++i)
      if (record.summary.failures[i] > record.summary.waived_failures[i]) code = exit_findings;
  const bool short_of_coverage = record.summary.accepted_coverage() < record.require_coverage;
  if (!record.run.complete || record.summary.planned == 0 || short_of_coverage) code |= exit_incomplete;
  return code;
}

}  // namespace audit::cli
