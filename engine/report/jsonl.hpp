#pragma once

#include <iosfwd>
#include <memory>

#include "report/report.hpp"

namespace audit::report {

enum class Seen : bool;

/// A JSON object a line, whose `line` says what it is: a header, the rules, the targets, the checks, and a summary,
/// without which the file is not whole. The objects are those of the JSON report.
void write_jsonl(const RunRecord& record, const Style& style, std::ostream& out);

/// The same lines one by one, as what they tell becomes known; targets and checks in any order. What is known of earlier
/// runs only at the end (first_seen, last_seen) is not in them. Lives in one thread at a time.
class JsonlStream {
 public:
  explicit JsonlStream(std::ostream& out);
  ~JsonlStream();
  /// The header and the rules. Of `run` is needed what is known before anything is asked; here and below.
  void begin(const RunRecord& run);
  void add(const TargetRecord& target, const RunRecord& run);
  void add(const Check& check, const RunRecord& run);
  void end(const RunRecord& run);
  /// All of a run that has ended.
  void write(const RunRecord& record, Seen seen);

 private:
  class Lines;
  std::unique_ptr<Lines> lines_;
};

/// The same lines without what is known of earlier runs (first_seen, last_seen): what a run came to by itself, and so the
/// same bytes whatever it is compared with. Digests are taken over these (report/digest).
void write_record(const RunRecord& record, std::ostream& out);

}  // namespace audit::report
