#pragma once

#include <iosfwd>

#include "report/report.hpp"

namespace audit::report {

/// A JSON object a line, whose `line` says what it is: a header, the rules, then each target with its checks, the checks
/// of the whole run, and a summary, without which the file is not whole. The objects are those of the JSON report.
void write_jsonl(const RunRecord& record, const Style& style, std::ostream& out);

/// The same lines without what is known of earlier runs (first_seen, last_seen): what a run came to by itself, and so the
/// same bytes whatever it is compared with. Digests are taken over these (report/digest).
void write_record(const RunRecord& record, std::ostream& out);

}  // namespace audit::report
