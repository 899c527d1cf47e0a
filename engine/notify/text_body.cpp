#include <fmt/format.h>

#include "base/text.hpp"
#include "notify/message.hpp"
#include "notify/reasons.hpp"

namespace audit::notify {
namespace {

constexpr std::size_t longest_name = 200;    // bytes of a name in the subject
constexpr std::size_t longest_text = 2'000;  // bytes of one text from elsewhere
constexpr std::size_t most_waivers = 50;

/// "3 critical, 1 low"; "" for none.
std::string by_severity(const FailureList& list) {
  std::string text;
  for (std::size_t i = severity_count; i-- > 0;)
    if (list.by_severity[i] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", list.by_severity[i], name_of(static_cast<Severity>(i)));
  return text;
}

/// "2 changes, 1 new failure; recovered"
std::string outcome_of(const Round& round, const Change& change) {
  std::string text = counted(round.flips, "change");
  if (change.new_failures.count() > 0) text += fmt::format(", {}", counted(change.new_failures.count(), "new failure"));
  if (change.unknown_now > 0) text += fmt::format(", {} unknown now", change.unknown_now);
  if (change.recovered) text += "; recovered";
  return text;
}

std::string outcome_of(const News& news) {
  if (news.round) return outcome_of(*news.round, news.change.value_or(Change()));
  std::string text = counted(news.failures.count(), "failure");
  if (news.change && news.change->new_failures.count() > 0)
    text += fmt::format(", {} new", news.change->new_failures.count());
  if (!news.complete) text += "; incomplete";
  if (news.change && news.change->recovered) text += "; recovered";
  return text;
}

void put_failures(std::string& text, std::string_view title, const FailureList& list) {
  if (list.count() == 0) return;
  text += fmt::format("\n{} ({}):\n", title, by_severity(list));
  for (const Failure& failure : list.first)
    text += fmt::format("  {:<8}  {}  {}{}{}\n            {}\n", name_of(failure.severity), visible(failure.rule),
                        visible(failure.target, longest_text), failure.endpoint.empty() ? "" : "  ",
                        visible(failure.endpoint, longest_text), visible(failure.message, longest_text));
  if (list.more() > 0) text += fmt::format("  … and {} more\n", list.more());
}

void put_change(std::string& text, const std::optional<Change>& change) {
  if (!change) {
    text += fmt::format("Compared:   {}\n", no_comparison);
    return;
  }
  text +=
      fmt::format("Compared:   with run {}: {}, {} fixed, {} unknown now, {} with other evidence{}\n",
                  visible(change->previous, longest_name), counted(change->new_failures.count(), "new failure"),
                  change->fixed, change->unknown_now, change->changed_evidence, change->recovered ? "; recovered" : "");
}

void put_round(std::string& text, const Round& round) {
  text += fmt::format("Watch:      round {}: {}\n", round.number, counted(round.flips, "confirmed change"));
  if (round.untold > 0)
    text += fmt::format("Not told:   {} before this one, with changes that are not below\n",
                        counted(round.untold, "round"));
  if (round.flips > 0) text += "\nChanges:\n";
  for (const Flip& flip : round.first)
    text += fmt::format("  {} {}{}{}: {} → {}\n            {}\n", flip.kind, visible(flip.name, longest_text),
                        flip.name.empty() ? "" : " on ", visible(flip.target, longest_text), visible(flip.from),
                        visible(flip.to), visible(flip.message, longest_text));
  if (round.more() > 0) text += fmt::format("  … and {} more\n", round.more());
}

void put_waivers(std::string& text, const std::vector<ExpiringWaiver>& waivers) {
  if (waivers.empty()) return;
  text += "\nWaivers that end soon:\n";
  for (std::size_t i = 0; i < std::min(waivers.size(), most_waivers); ++i)
    text += fmt::format("  {}  {}  its last day is {}, in {}\n", visible(waivers[i].id), visible(waivers[i].rule),
                        format_day(waivers[i].expires),
                        counted(static_cast<std::uint64_t>(std::max<std::int64_t>(waivers[i].days_left, 0)), "day"));
  if (waivers.size() > most_waivers) text += fmt::format("  … and {} more\n", waivers.size() - most_waivers);
}

}  // namespace

std::string subject_of(const News& news) {
  const std::string& name = news.inventory_name.empty() ? news.inventory_path : news.inventory_name;
  const std::string about = fmt::format("audit: {}", visible(name, longest_name));
  if (news.event == Event::test) return about + ": a test, nothing happened";
  if (news.event == Event::start) return about + ": begun";
  return fmt::format("{}: {}", about, outcome_of(news));
}

std::string text_body(const News& news, const std::vector<std::string>& reasons) {
  std::string text = subject_of(news) + "\n\n";
  if (news.event == Event::test)
    text += "THIS IS A TEST: somebody typed `audit notify test`. No audit was run, and what follows is empty.\n\n";
  if (!reasons.empty()) text += fmt::format("Why:        {}\n", joined(reasons));
  text += fmt::format("Inventory:  {}\n", visible(news.inventory_path, longest_text));
  if (news.event == Event::start) return text + fmt::format("Started:    {}\n", format_utc(news.started));
  text += fmt::format("Run:        {} on {}, {} to {}\n", visible(news.id, longest_name),
                      visible(news.host, longest_name), format_utc(news.started), format_utc(news.finished));
  text += fmt::format("Result:     exit code {}, {}{}\n", news.exit_code, news.complete ? "complete" : "incomplete",
                      news.stopped_by.empty() ? "" : ", stopped by " + visible(news.stopped_by, longest_name));
  text += fmt::format("Checks:     {} planned", news.summary.planned);
  for (const Status status : all_statuses)
    if (news.summary.of(status) > 0) text += fmt::format(", {} {}", news.summary.of(status), name_of(status));
  text += fmt::format("; score {:.4f}, coverage {:.4f}\n", news.summary.score(), news.summary.coverage());
  text += fmt::format("Failures:   {} that no waiver covers, {} waived\n", news.failures.count(), news.summary.waived);
  if (news.round)
    put_round(text, *news.round);
  else
    put_change(text, news.change);
  if (news.change) put_failures(text, "New failures", news.change->new_failures);
  put_failures(text, "Failures", news.failures);
  put_waivers(text, news.waivers);
  return text;
}

Message make_message(const News& news, std::vector<std::string> reasons) {
  Message message;
  message.news = &news;
  message.json = json_body(news, reasons);
  message.subject = subject_of(news);
  message.text = text_body(news, reasons);
  message.reasons = std::move(reasons);
  return message;
}

}  // namespace audit::notify
