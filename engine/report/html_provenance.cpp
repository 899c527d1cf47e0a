#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/html_sections.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t most_entries = 200;
constexpr std::size_t most_blocks = 40;
constexpr std::size_t most_words = 40;

/// "hosts.csv (csv): 12 targets, of 2026-11-20T22:04:05Z, SHA-256 …".
std::string described(const SourceRecord& source) {
  std::string from = source.path;
  for (const std::string& word : source.command) from += (from.empty() ? "" : " ") + word;
  return fmt::format("{} ({}): {}, of {}, SHA-256 {}", from, source.kind, counted(source.targets, "target"),
                     format_utc(source.time), source.sha256);
}

void write_list(const AddressList& list, Page& page) {
  std::vector<std::string> blocks;
  for (std::size_t i = 0; i < std::min(list.blocks.size(), most_blocks); ++i)
    blocks.push_back(format_block(list.blocks[i]));
  page << "<tr><th scope=\"row\"><code>" << text(list.source, 300) << "</code></th><td class=\"n\">"
       << number(list.count) << "</td><td>" << ready(examples({blocks.begin(), blocks.end()}, most_blocks));
  if (list.blocks.size() > most_blocks) page << " and " << number(list.blocks.size() - most_blocks) << " more blocks";
  if (!list.names.empty())
    page << (list.blocks.empty() ? Markup("") : Markup("; "))
         << ready(examples({list.names.begin(), list.names.end()}, most_words));
  if (list.count == 0) page << "matched nothing";
  page << "</td></tr>\n";
}

void write_lists(const std::vector<AddressList>& lists, Markup source, Page& page) {
  if (lists.empty()) return;
  page << "<h4>" << source << "</h4>\n<div class=\"scroll\" role=\"region\" aria-label=\"" << source
       << "\" tabindex=\"0\"><table class=\"stack lists\">\n<thead><tr><th scope=\"col\">Entry</th><th scope=\"col\" "
          "class=\"n\">Count</th><th scope=\"col\">Which</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(lists.size(), most_entries); ++i) write_list(lists[i], page);
  page << "</tbody></table></div>\n";
  if (lists.size() > most_entries) write_left_out(lists.size() - most_entries, "entries", page);
}

/// "NIST-800-53: CM-7, SC-8"
void write_bearing(const Controls& controls, const std::string& rule, Page& page) {
  for (const auto& [framework, ids] : controls.of(rule))
    page << "<br/>bears on " << text(framework, 80) << ": " << ready(examples({ids.begin(), ids.end()}, most_words));
}

void write_tally(const Tally& tally, const Controls& controls, Page& page) {
  page << "<tr><th scope=\"row\"><code>" << text(tally.id, 200) << "</code>";
  if (tally.rule != nullptr) {
    const RuleRecord& rule = *tally.rule;
    page << "<br/>" << ready(prose(rule.title, 300)) << "<br/><span class=\"facts\">" << text(rule.file, 200)
         << ", asks " << text(name_of(rule.safety)) << ", ports " << text(rule.ports.format(), 200)
         << "<br/>sha256 <code class=\"hash\">"
         << text(rule.sha256.empty() ? std::string_view("none") : std::string_view(rule.sha256), 80) << "</code>";
    write_bearing(controls, rule.id, page);
    page << "</span></th><td>";
    write_severity(rule.severity, page);
    page << "</td>";
  } else {
    page << "<br/><span class=\"facts\">not described in this run</span></th><td>–</td>";
  }
  for (const Status status :
       {Status::pass, Status::fail, Status::error, Status::not_reviewed, Status::not_applicable, Status::informational})
    page << "<td class=\"n\">" << number(tally.checks[static_cast<std::size_t>(status)]) << "</td>";
  page << "</tr>\n";
}

/// Several values of one name, a line each; nothing where there is none.
void write_fact(Markup name, const std::vector<Text>& values, Page& page) {
  if (values.empty()) return;
  page << "<div><dt>" << name << "</dt><dd>";
  for (const Text& value : values) page << (&value == &values.front() ? Markup("") : Markup("<br/>")) << value;
  page << "</dd></div>\n";
}

/// A link, or a path: where a plan or an authorisation is kept.
void write_document(Markup name, const std::string& where, Page& page) {
  if (where.empty()) return;
  page << "<div><dt>" << name << "</dt><dd>";
  write_reference(where, page);
  page << "</dd></div>\n";
}

void write_inventory(const RunRecord& record, Page& page) {
  write_fact("Inventory", text(record.inventory.path), page);
  write_fact("Inventory, SHA-256", text(record.inventory.sha256), page);
  std::vector<Text> files;
  std::vector<Text> sources;
  for (const auto& file : record.inventory.files) files.push_back(text(fmt::format("{} ({})", file.path, file.sha256)));
  for (const SourceRecord& source : record.inventory.sources) sources.push_back(text(described(source), 2000));
  if (files.size() > 1) write_fact("Inventory files", files, page);
  write_fact("Sources of targets", sources, page);
  write_document("System security plan", record.inventory.ssp, page);
  write_document("Assessment plan", record.inventory.assessment_plan, page);
}

Text local_time(WallTime time, std::chrono::minutes ahead, const std::string& zone) {
  return text(format_local(time, ahead) + " " + zone, 120);
}

}  // namespace

void write_unseen(const RunRecord& record, Page& page) {
  page << "<h3 id=\"unseen\">Dark and excluded</h3>\n<p>" << number(record.summary.dark)
       << " candidates gave no sign of life and " << number(record.summary.excluded)
       << " were excluded. Neither is in the plan, the score or the coverage.</p>\n";
  write_lists(record.dark, "Dark, by entry", page);
  write_lists(record.excluded, "Excluded, by exclude", page);
}

void write_rules(const RunRecord& record, Page& page) {
  page << "<section id=\"rules\">\n<h2>Rules</h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"Rules\" "
          "tabindex=\"0\">"
       << "<table class=\"stack rules\">\n<thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Severity</th>"
       << "<th scope=\"col\" class=\"n\">Pass</th><th scope=\"col\" class=\"n\">Fail</th><th scope=\"col\" "
          "class=\"n\">Error</th>"
       << "<th scope=\"col\" class=\"n\">Not reviewed</th><th scope=\"col\" class=\"n\">Not applicable</th>"
       << "<th scope=\"col\" class=\"n\">Informational</th></tr></thead>\n<tbody>\n";
  for (const Tally& tally : tallies(record)) write_tally(tally, record.controls, page);
  page << "</tbody></table></div>\n</section>\n";
}

void write_provenance(const RunRecord& record, Page& page) {
  const auto& run = record.run;
  page
      << "<section id=\"provenance\">\n<h2>Provenance</h2>\n<p>What every rule's file was is in <a href=\"#rules\">the "
         "rules</a>, by its SHA-256.</p>\n<dl class=\"facts\">\n";
  write_fact("Program", text(record.tool.name + " " + record.tool.version), page);
  write_fact("Run", text(run.id), page);
  write_fact("Started (UTC)", ready(format_utc(run.started)), page);
  write_fact("Finished (UTC)", ready(format_utc(run.finished)), page);
  if (!run.local.zone.empty()) {
    write_fact("Started (local)", local_time(run.started, run.local.started_ahead, run.local.zone), page);
    write_fact("Finished (local)", local_time(run.finished, run.local.finished_ahead, run.local.zone), page);
  }
  write_fact("Time zone of the inventory", text(record.dates.timezone, 80), page);
  write_fact("Complete", ready(run.complete ? "yes" : "no"), page);
  if (!run.stopped_by.empty()) write_fact("Stopped by", text(run.stopped_by), page);
  write_fact("Run by", text(run.user, 200), page);
  write_fact("Authorised by", text(record.inventory.authorised_by, 400), page);
  write_inventory(record, page);
  write_fact("Seed", ready(fmt::format("{}", run.seed)), page);
  write_fact("Command", text(run.command, 2000), page);
  if (!record.digest.empty()) write_fact("Digest of the record, SHA-256", text(record.digest, 200), page);
  page << "</dl>\n</section>\n";
}

}  // namespace audit::report
