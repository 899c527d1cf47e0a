#include "cli/watch_news.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "cli/notifying.hpp"

namespace audit::cli {
namespace {

constexpr std::string_view failing = "fail";

bool is_seen_no_more(const WatchChange& change) {
  const std::string& state = change.sight.state;
  if (change.sight.key.kind == Watched::target) return state == "down" || state == unknown_state;
  return change.sight.key.kind == Watched::check && state == unknown_state;
}

bool is_well_again(const WatchChange& change) {
  const WatchSight& sight = change.sight;
  const bool from_unknown = change.from == unknown_state;
  if (sight.key.kind == Watched::target) return (from_unknown || change.from == "down") && sight.state == "up";
  return sight.key.kind == Watched::check && (from_unknown || change.from == failing) && parse_status(sight.state) &&
         sight.state != failing;
}

/// The checks that began to fail, by target and rule, as the changes name them.
using Failing = std::set<std::pair<std::string_view, std::string_view>>;

void add_failures(notify::FailureList& list, const RunRecord& record, const Failing& began) {
  if (began.empty()) return;
  for (const Check& check : record.checks.with(Detail::results, {Status::fail})) {
    if (!began.contains({check.target, check.rule})) continue;
    for (const Finding& finding : check.results)
      if (finding.status == Status::fail && finding.waiver.empty())
        list.add({finding.severity, check.rule, check.target, finding.endpoint, finding.message});
  }
}

}  // namespace

notify::News news_of(const RoundFacts& round, const std::vector<WatchChange>& changes) {
  notify::News news = news_of(round.record, round.exit_code);
  news.event = notify::Event::round;
  news.waivers.clear();
  notify::Round& told = news.round.emplace();
  told.number = round.number;
  notify::Change& change = news.change.emplace();
  change.previous = round.previous;
  Failing began;
  for (const WatchChange& one : changes) {
    const WatchKey& key = one.sight.key;
    told.add({std::string(name_of(key.kind)), key.target, key.name, one.from, one.sight.state, one.sight.message});
    if (is_seen_no_more(one)) ++change.unknown_now;
    if (is_well_again(one)) change.recovered = true;
    if (key.kind != Watched::check) continue;
    if (one.sight.state == failing) began.emplace(key.target, key.name);
    if (one.from == failing && is_well_again(one)) ++change.fixed;
  }
  add_failures(change.new_failures, round.record, began);
  return news;
}

}  // namespace audit::cli
