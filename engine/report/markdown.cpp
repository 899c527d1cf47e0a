#include "report/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "report/decisions.hpp"
#include "report/diff.hpp"
#include "report/groups.hpp"
#include "report/left_out.hpp"
#include "report/markdown_text.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_rows = 100;
constexpr std::size_t longest_message = 300;
constexpr std::size_t longest_name = 100;
constexpr std::size_t most_bytes = 10'000;  // of one section: there are five

/// A heading and rows of one section, as many as fit.
class Section {
 public:
  Section(std::ostream& out, std::string_view title, std::size_t count, std::string_view head)
      : out_(out), count_(count) {
    out_ << fmt::format("\n### {} ({})\n\n{}", title, count, head);
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  ~Section() {
    if (written_ < count_) out_ << fmt::format("\n… and {} more, in the full report.\n", count_ - written_);
  }
  void add(const std::string& row) {
    if (full_ || written_ == most_rows || bytes_ + row.size() > most_bytes) {
      full_ = true;
      return;
    }
    out_ << row << '\n';
    ++written_;
    bytes_ += row.size();
  }

 private:
  std::ostream& out_;
  std::size_t count_;
  std::size_t written_ = 0;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

std::string name(std::string_view bytes) { return markdown(bytes, longest_name); }

std::string names(const Names& all) {
  constexpr std::size_t most_examples = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.first().size(), most_examples); ++i)
    text += (i == 0 ? "" : ", ") + name(all.first()[i]);
  if (all.count() > most_examples) text += fmt::format(" and {} more", all.count() - most_examples);
  return text;
}

void write_counts(const RunRecord& record, std::ostream& out) {
  const Summary& summary = record.summary;
  std::string head = "| planned |";
  std::string line = "| ---: |";
  std::string counts = fmt::format("| {} |", summary.planned);
  for (const Status status : all_statuses) {
    head += fmt::format(" {} |", name_of(status));
    line += " ---: |";
    counts += fmt::format(" {} |", summary.of(status));
  }
  out << fmt::format("\n{}\n{}\n{}\n\n", head, line, counts);
  const std::uint64_t failures = summary.results[static_cast<std::size_t>(Status::fail)];
  out << fmt::format("In checks. Failed results: {}, {} of them waived. Score {}, coverage {} ({} required).\n",
                     failures, summary.waived, percent(summary.of(Status::pass), scored(summary)),
                     percent(judged(summary), summary.planned), percent(record.require_coverage));
}

/// What became different, in a sentence.
void write_changes(const RunRecord& record, std::ostream& out) {
  if (!record.changes) return;
  const DiffSide& before = record.changes->before;
  out << fmt::format("\nSince run {} of {}: {}.\n", name(before.id), format_utc(before.started),
                     headline_of(*record.changes));
}

void write_failures(const RunRecord& record, std::ostream& out) {
  const std::size_t count = record.summary.results[static_cast<std::size_t>(Status::fail)];
  if (count == 0) return;
  Section section(out, "Failures", count,
                  "| severity | rule | target | endpoint | what | waiver |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const SeverityFailures& severity : failures_by_severity(record))
    for (const RuleFailures& rule : severity.rules)
      for (const Failure& failure : rule.first)
        section.add(fmt::format("| {} | {} | {} | {} | {} | {} |", name_of(severity.severity), name(rule.id),
                                name(failure.target), name(failure.finding.endpoint),
                                markdown(failure.finding.message, longest_message), name(failure.finding.waiver)));
}

void write_unjudged(const RunRecord& record, std::ostream& out) {
  const std::vector<Unjudged> groups = unjudged(record);
  if (groups.empty()) return;
  Section section(out, "Not judged", groups.size(),
                  "| status | reason | rules | targets | results | waived | why |\n"
                  "| --- | --- | --- | --- | ---: | ---: | --- |\n");
  for (const Unjudged& group : groups)
    section.add(fmt::format("| {} | {} | {} | {} | {} | {} | {}{} |", name_of(group.status), name_of(group.reason),
                            names(group.rules), names(group.targets), group.results, group.waived,
                            markdown(group.message, longest_message), group.varied ? " (and others)" : ""));
}

void write_waivers(const RunRecord& record, std::ostream& out) {
  if (record.waivers.empty()) return;
  Section section(out, "Waivers", record.waivers.size(),
                  "| waiver | state | time | approver | reason | effect |\n| --- | --- | --- | --- | --- | --- |\n");
  for (const WaiverRecord* waiver : by_urgency(record.waivers))
    section.add(fmt::format("| {} | {} | {} | {} | {} | {} |", name(waiver->id), name_of(waiver->state),
                            time_of(*waiver), name(waiver->approver),
                            markdown_ready(prose(waiver->reason, longest_message)), effect_of(*waiver)));
}

void write_list(std::string_view title, const std::vector<std::string>& sentences, std::ostream& out) {
  if (sentences.empty()) return;
  Section section(out, title, sentences.size(), "");
  for (const std::string& sentence : sentences) section.add("- " + markdown(sentence, longest_message));
}

}  // namespace

void write_markdown(const RunRecord& record, const Style&, std::ostream& out) {
  const Verdict verdict = verdict_of(record);
  const std::string& inventory = record.inventory.name.empty() ? record.inventory.path : record.inventory.name;
  out << fmt::format("## {}\n", markdown(from_visible(verdict.headline), longest_message));
  if (!verdict.detail.empty())
    out << fmt::format("\n{}\n", markdown(from_visible(verdict.detail), 4 * longest_message));
  out << fmt::format("\nRun {} of {}, {}.\n", name(record.run.id),
                     inventory.empty() ? std::string("the command line") : name(inventory),
                     format_utc(record.run.started));
  write_counts(record, out);
  write_changes(record, out);
  write_failures(record, out);
  write_unjudged(record, out);
  write_waivers(record, out);
  write_list("Left out", told_left_out(record), out);
  write_list("Notices", record.notices, out);
}

}  // namespace audit::report
