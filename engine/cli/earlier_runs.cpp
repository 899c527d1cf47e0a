#include "cli/earlier_runs.hpp"

#include <algorithm>

#include "store/history.hpp"

namespace audit::cli {
namespace {

PastRun past_of(const store::RunRow& row) {
  PastRun past{row.id, row.started, row.planned, {}};
  for (const Status status : all_statuses) past.checks[static_cast<std::size_t>(status)] = row.of(status);
  return past;
}

}  // namespace

Result<void> describe_past(RunRecord& record, const std::string& state, const std::string& scope) {
  const Result<store::History> history = store::History::open(state);
  if (!history) return history.error();
  const Result<std::vector<store::RunRow>> rows = history->runs();
  if (!rows) return rows.error();
  record.past.clear();
  for (const store::RunRow& row : *rows) {  // the newest first
    if (record.past.size() == most_past_runs) break;
    if (row.scope == scope && row.state == "complete" && row.started < record.run.started)
      record.past.push_back(past_of(row));
  }
  std::reverse(record.past.begin(), record.past.end());
  return {};
}

}  // namespace audit::cli
