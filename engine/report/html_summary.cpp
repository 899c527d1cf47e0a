#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"
#include "report/verdict.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_groups = 300;
constexpr std::size_t most_examples = 24;
constexpr std::size_t most_notices = 200;

/// In the order in which a reader asks.
constexpr std::array<Status, status_count> order{Status::fail, Status::error,          Status::not_reviewed,
                                                 Status::pass, Status::not_applicable, Status::informational};

/// "2026-11-20 22:04 UTC".
std::string readable(WallTime time) {
  const std::string utc = format_utc(time);
  const std::size_t mark = utc.find('T');
  return fmt::format("{} {} UTC", utc.substr(0, mark), utc.substr(mark + 1, 5));
}

Markup class_of(Tone tone) {
  switch (tone) {
    case Tone::incomplete: return "incomplete";
    case Tone::failed: return "failed";
    case Tone::partial: return "partial";
    case Tone::clean: return "clean";
  }
  return "incomplete";
}

/// A number that a program finds by its id.
void write_count(Markup id, std::uint64_t count, Page& page) {
  page << "<data id=\"" << id << "\" value=\"" << ready(fmt::format("{}", count)) << "\">" << number(count)
       << "</data>";
}

Markup count_id(Status status) {
  switch (status) {
    case Status::pass: return "count-pass";
    case Status::fail: return "count-fail";
    case Status::error: return "count-error";
    case Status::not_applicable: return "count-not_applicable";
    case Status::not_reviewed: return "count-not_reviewed";
    case Status::informational: return "count-informational";
  }
  return "count-unknown";
}

void write_counts(const Summary& summary, Page& page) {
  page << "<table class=\"counts\"><caption>What became of the ";
  write_count("count-planned", summary.planned, page);
  page << " planned checks</caption>\n<thead><tr><th scope=\"col\">Status</th><th scope=\"col\" class=\"n\">Checks</th>"
       << "<th scope=\"col\" class=\"n\">Share</th><th scope=\"col\" class=\"bar\">"
       << "<span class=\"hidden\">Share, drawn</span></th></tr></thead>\n<tbody>\n";
  for (const Status status : order) {
    const std::uint64_t count = summary.of(status);
    page << "<tr><th scope=\"row\">";
    write_status(status, page);
    page << "</th><td class=\"n\">";
    write_count(count_id(status), count, page);
    page << "</td><td class=\"n\">" << ready(percent(count, summary.planned)) << "</td><td class=\"bar\">"
         << "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
         << "<rect class=\"track\" width=\"100\" height=\"8\"/><rect class=\"fill\" height=\"8\" width=\""
         << ready(fmt::format(
                "{:.2f}",
                summary.planned == 0 ? 0.0 : 100.0 * static_cast<double>(count) / static_cast<double>(summary.planned)))
         << "\"/></svg></td></tr>\n";
  }
  page << "</tbody></table>\n";
}

void write_score(const RunRecord& record, Page& page) {
  const Summary& summary = record.summary;
  page << "<dl class=\"figures\">\n<div><dt>Score</dt><dd><strong>"
       << ready(percent(summary.of(Status::pass), scored(summary))) << "</strong><span class=\"formula\">"
       << number(summary.of(Status::pass)) << " pass ÷ (" << number(summary.of(Status::pass)) << " pass + "
       << number(summary.of(Status::fail)) << " fail + " << number(summary.of(Status::error)) << " error + "
       << number(summary.of(Status::not_reviewed)) << " not reviewed)</span></dd></div>\n"
       << "<div><dt>Coverage</dt><dd><strong>" << ready(percent(judged(summary), summary.planned))
       << "</strong><span class=\"formula\">" << number(judged(summary)) << " of " << number(summary.planned)
       << " checks judged; " << ready(percent(record.require_coverage)) << " required</span></dd></div>\n"
       << "<div><dt>Targets</dt><dd><strong>" << number(summary.targets) << "</strong><span class=\"formula\">"
       << number(summary.dark) << " dark and " << number(summary.excluded)
       << " excluded besides</span></dd></div>\n</dl>\n";
}

void write_group(const Unjudged& group, Page& page) {
  page << "<li><span class=\"who\">" << ready(examples(group.rules, most_examples)) << "</span> on "
       << ready(counted(group.targets.count(), "target")) << ": " << ready(examples(group.targets, most_examples))
       << ready(waived_part(group)) << ready(since_part(group));
  if (!group.message.empty())
    page << "<p class=\"said\">" << (group.varied ? Markup("For example: ") : Markup(""))
         << ready(shown_lines(group.message, 2000)) << "</p>";
  page << "</li>\n";
}

void write_unjudged(const RunRecord& record, Page& page) {
  const auto groups = unjudged(record);
  page << "<h3 id=\"unjudged\">Not judged, and why</h3>\n";
  if (groups.empty()) {
    page << (record.summary.planned == 0 ? Markup("<p>Nothing was planned.</p>\n")
                                         : Markup("<p>Every planned check ended with an answer.</p>\n"));
    return;
  }
  const Unjudged* before = nullptr;
  std::size_t written = 0;
  for (const Unjudged& group : groups) {
    if (written == most_groups) break;
    if (before == nullptr || before->status != group.status || before->reason != group.reason) {
      if (before != nullptr) page << "</ul>\n";
      page << "<h4>";
      write_status(group.status, page);
      page << " " << text(name_of(group.reason)) << ": " << text(meaning_of(group.reason))
           << "</h4>\n<ul class=\"blind\">\n";
    }
    write_group(group, page);
    before = &group;
    ++written;
  }
  page << "</ul>\n";
  write_left_out(groups.size() - written, "groups", page);
}

/// "2026-11-20 22:04:05 UTC".
std::string to_the_second(WallTime time) {
  const std::string utc = format_utc(time);
  return fmt::format("{} {} UTC", utc.substr(0, 10), utc.substr(11, 8));
}

/// "14.3 s", "1 h 12 min 1 s".
std::string lasted(WallTime::duration time) {
  using namespace std::chrono;
  if (time < 60s) return fmt::format("{:.1f} s", duration<double>(std::max(time, WallTime::duration::zero())).count());
  const hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time));
  const auto hours = clock.hours().count();
  return fmt::format("{}{} min {} s", hours == 0 ? "" : fmt::format("{} h ", hours), clock.minutes().count(),
                     clock.seconds().count());
}

void write_setting(const RunRecord& record, Page& page) {
  constexpr std::size_t most_words = 40;
  const auto& run = record.run;
  const auto& vantage = run.vantage;
  page << "<h3 id=\"setting\">When, and from where</h3>\n<dl class=\"facts\">\n";
  write_fact("Started", ready(to_the_second(run.started)), page);
  write_fact("Ended", ready(to_the_second(run.finished)), page);
  write_fact("Took", ready(lasted(run.finished - run.started)), page);
  write_fact("Asked from", text(vantage.host), page);
  write_fact("Source addresses", ready(examples({vantage.addresses.begin(), vantage.addresses.end()}, most_words)),
             page);
  write_fact("Resolvers", ready(examples({vantage.resolvers.begin(), vantage.resolvers.end()}, most_words)), page);
  page << "</dl>\n";
}

void write_planned(const Summary& summary, Page& page) {
  page << "<p>" << number(summary.planned) << " checks were planned on " << ready(counted(summary.targets, "target"))
       << ", and " << number(judged(summary)) << " were evaluated; " << number(summary.of(Status::not_reviewed))
       << " were not reviewed and " << number(summary.of(Status::error))
       << " ended in an error (<a href=\"#unjudged\">why</a>). " << number(summary.excluded)
       << " addresses and names were excluded, " << number(summary.dark)
       << " gave no sign of life (<a href=\"#unseen\">which</a>).</p>\n";
}

}  // namespace

void write_verdict(const RunRecord& record, Page& page) {
  const Verdict verdict = verdict_of(record);
  page << "<header class=\"" << class_of(verdict.tone) << "\">\n<p class=\"name\">"
       << (record.inventory.name.empty() ? text(record.tool.name) : text(record.inventory.name)) << " <time datetime=\""
       << ready(format_utc(record.run.started)) << "\">" << ready(readable(record.run.started)) << "</time></p>\n<h1>"
       << ready(verdict.headline) << "</h1>\n";
  if (!verdict.detail.empty()) page << "<p class=\"detail\">" << ready(verdict.detail) << "</p>\n";
  write_score(record, page);
  page << "</header>\n";
}

void write_scope(const RunRecord& record, Page& page) {
  page << "<section id=\"scope\">\n<h2>Scope and coverage</h2>\n";
  const Summary& summary = record.summary;
  write_planned(summary, page);
  write_counts(summary, page);
  page << "<p>" << number(summary.probes.asked) << " questions were asked with " << number(summary.probes.sent)
       << " probes; " << number(summary.probes.shared) << " answers were shared between rules, "
       << number(summary.probes.retried) << " probes were sent again. ";
  const CheckList::Range checks = record.checks.with(Detail::results);
  const bool faulty = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
    return std::any_of(check.results.begin(), check.results.end(),
                       [](const Finding& result) { return result.reason == Reason::local_fault; });
  });
  if (summary.probes.local_faults == 0) {
    if (faulty)
      page << "Faults of this machine kept checks from being judged.</p>\n";
    else
      page << "No fault of this machine came between.</p>\n";
  } else {
    page << number(summary.probes.local_faults)
         << " faults of this machine came between; none of them counts as a state of a peer.</p>\n";
  }
  write_unjudged(record, page);
  write_parts_left_out(record, page);
  if (!record.notices.empty()) {
    page << "<h3>Notices</h3>\n<ul>\n";
    for (std::size_t i = 0; i < record.notices.size() && i < most_notices; ++i)
      page << "<li>" << text(record.notices[i], 1000) << "</li>\n";
    page << "</ul>\n";
    if (record.notices.size() > most_notices) write_left_out(record.notices.size() - most_notices, "notices", page);
  }
  write_unseen(record, page);
  write_setting(record, page);
  page << "</section>\n";
}

}  // namespace audit::report
