#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "report/decisions.hpp"
#include "report/groups.hpp"
#include "report/layout.hpp"
#include "report/shown.hpp"
#include "report/text_sections.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_groups = 24;
constexpr std::size_t most_examples = 5;
constexpr std::size_t most_entries = 6;
constexpr std::size_t most_notices = 12;
constexpr std::size_t longest_message = 240;

Ink ink_of(Tone tone) {
  switch (tone) {
    case Tone::incomplete:
    case Tone::failed: return Ink::loud;
    case Tone::partial: return Ink::warn;
    case Tone::clean: return Ink::good;
  }
  return Ink::loud;
}

void write_group(const Unjudged& group, const Style& style, std::ostream& out) {
  std::string rules = examples(group.rules, most_examples);
  if (group.rules.count() > 1) rules = fmt::format("{}: {};", counted(group.rules.count(), "rule"), rules);
  paragraph(out, style, "    - ",
            fmt::format("{} on {} ({}){}{}", rules, counted(group.targets.count(), "target"),
                        examples(group.targets, most_examples), waived_part(group), since_part(group)));
  if (group.message.empty()) return;
  const std::size_t first_line = std::min(group.message.find('\n'), longest_message);
  paragraph(out, style, "        ", (group.varied ? "for example: " : "") + shown(group.message, first_line),
            Ink::faint);
}

/// "10.0.0.0/24: 10.0.0.7, 10.0.0.9-10.0.0.12 and 3 more".
std::string entry_of(const AddressList& list) {
  std::vector<std::string> texts;
  for (const AddressBlock& block : list.blocks) {
    if (texts.size() == most_examples) break;
    texts.push_back(format_block(block));
  }
  std::vector<std::string_view> items(texts.begin(), texts.end());
  for (const std::string& name : list.names) items.push_back(name);
  const std::size_t hidden = list.blocks.size() - texts.size();
  std::string text = fmt::format("{}: {}", shown(list.source, 120), list.count);
  if (!items.empty()) text += " (" + examples(items, most_examples);
  if (hidden > 0) text += fmt::format(", {}", counted(hidden, "more block"));
  return items.empty() ? text : text + ")";
}

void write_lists(std::string_view title, const std::vector<AddressList>& lists, std::uint64_t total, const Style& style,
                 std::ostream& out) {
  if (total == 0 && lists.empty()) return;
  heading(out, style, fmt::format("{} ({})", title, total));
  for (std::size_t i = 0; i < std::min(lists.size(), most_entries); ++i)
    paragraph(out, style, "  - ", entry_of(lists[i]));
  if (lists.size() > most_entries)
    paragraph(out, style, "  … ",
              fmt::format("{} in the full report", counted(lists.size() - most_entries, "more entry", "more entries")));
}

/// "pass 3 + fail 1 + …".
std::string sum_of(const Summary& summary, std::initializer_list<Status> statuses) {
  std::string text;
  for (const Status status : statuses)
    text += fmt::format("{}{} {}", text.empty() ? "" : " + ", name_of(status), summary.of(status));
  return text;
}

}  // namespace

void write_unjudged(const RunRecord& record, const Style& style, std::ostream& out) {
  const auto groups = unjudged(record);
  if (groups.empty()) return;
  std::uint64_t results = 0;
  for (const Unjudged& group : groups) results += group.results;
  heading(out, style, fmt::format("NOT JUDGED ({})", counted(results, "result")));
  const Unjudged* before = nullptr;
  for (std::size_t i = 0; i < std::min(groups.size(), most_groups); ++i) {
    const Unjudged& group = groups[i];
    if (before == nullptr || before->status != group.status || before->reason != group.reason)
      paragraph(out, style, "  ",
                fmt::format("{} ({}): {}", name_of(group.status), name_of(group.reason), meaning_of(group.reason)),
                Ink::warn);
    write_group(group, style, out);
    before = &group;
  }
  if (groups.size() > most_groups)
    paragraph(out, style, "  … ",
              fmt::format("{} in the full report", counted(groups.size() - most_groups, "more group")));
}

void write_unseen(const RunRecord& record, const Style& style, std::ostream& out) {
  write_lists("DARK: NO SIGN OF LIFE, NOT IN THE PLAN", record.dark, record.summary.dark, style, out);
  write_lists("EXCLUDED BY THE SCOPE", record.excluded, record.summary.excluded, style, out);
}

void write_sources(const RunRecord& record, const Style& style, std::ostream& out) {
  if (record.inventory.sources.empty()) return;
  heading(out, style, "SOURCES OF TARGETS");
  for (const SourceRecord& source : record.inventory.sources) {
    std::string from = source.path;
    for (const std::string& word : source.command) from += (from.empty() ? "" : " ") + word;
    paragraph(out, style, "  - ",
              fmt::format("{} ({}): {}, of {}, SHA-256 {}", shown(from, longest_message), shown(source.kind, 32),
                          counted(source.targets, "target"), format_utc(source.time), shown(source.sha256, 64)));
  }
}

void write_notices(const RunRecord& record, const Style& style, std::ostream& out) {
  if (record.notices.empty()) return;
  heading(out, style, "NOTICES");
  for (std::size_t i = 0; i < std::min(record.notices.size(), most_notices); ++i)
    paragraph(out, style, "  - ", shown(record.notices[i], longest_message));
  if (record.notices.size() > most_notices)
    paragraph(out, style, "  … ",
              fmt::format("{} in the full report", counted(record.notices.size() - most_notices, "more notice")));
}

void write_summary(const RunRecord& record, const Style& style, std::ostream& out) {
  const Summary& summary = record.summary;
  heading(out, style, "SUMMARY, IN CHECKS");
  paragraph(out, style, "  ",
            fmt::format("planned {} = {}", summary.planned,
                        sum_of(summary, {Status::pass, Status::fail, Status::error, Status::not_reviewed,
                                         Status::not_applicable, Status::informational})));
  if (scored(summary) == 0) {
    paragraph(out, style, "  ", "score none: no check could count");
  } else {
    paragraph(out, style, "  ",
              fmt::format("score {} = pass {} / ({})", percent(summary.of(Status::pass), scored(summary)),
                          summary.of(Status::pass),
                          sum_of(summary, {Status::pass, Status::fail, Status::error, Status::not_reviewed})));
  }
  paragraph(out, style, "  ",
            fmt::format("coverage {} = {} of {} judged ({} required); {}, {} dark, {} excluded",
                        percent(judged(summary), summary.planned), judged(summary), summary.planned,
                        percent(record.require_coverage), counted(summary.targets, "target"), summary.dark,
                        summary.excluded));
  if (summary.waived + summary.waived_unseen > 0)
    paragraph(
        out, style, "  ",
        fmt::format("waived {} of {} and {} of hosts known to be away: in score and coverage all the same, but not "
                    "for the exit code",
                    summary.waived, counted(summary.results[static_cast<std::size_t>(Status::fail)], "failure"),
                    counted(summary.waived_unseen, "check")));
  if (!record.attestations.empty())
    paragraph(out, style, "  ", fmt::format("attested by people: {}; in no score", tally_of_attestations(record)));
  const Verdict verdict = verdict_of(record);
  out << '\n';
  paragraph(out, style, "", verdict.headline, ink_of(verdict.tone));
  if (!verdict.detail.empty()) paragraph(out, style, "", verdict.detail);
}

}  // namespace audit::report
