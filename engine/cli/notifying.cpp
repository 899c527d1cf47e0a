#include "cli/notifying.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "base/text.hpp"
#include "cli/credentials.hpp"
#include "cli/version.hpp"
#include "inventory/mistakes.hpp"

namespace audit::cli {
namespace {

WallTime wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

/// Of the inventory alone: there is no run yet, or none at all.
notify::News news_of(const inventory::Inventory& inventory, notify::Event event) {
  notify::News news;
  news.event = event;
  news.version = version;
  news.host = host_name();
  news.inventory_name = inventory.name;
  news.inventory_path = inventory.path;
  news.started = wall_now();
  news.finished = news.started;
  news.id = fmt::format("{}-{}-{}", event == notify::Event::test ? "test" : "start",
                        news.started.time_since_epoch().count(), ::getpid());
  news.complete = true;
  return news;
}

/// Of the secrets only those that notifiers need: a command that says another one is not run for them. Gives back how
/// they may be written.
std::vector<std::string> look_up(const inventory::Inventory& inventory, bool allow_commands, notify::Means& means) {
  probe::Credentials credentials;
  for (const inventory::CredentialSource& source : inventory.credentials) {
    const auto uses = [&](const NotifySettings& one) { return one.credential == source.name; };
    if (std::none_of(inventory.notifiers.begin(), inventory.notifiers.end(), uses)) continue;
    const Result<std::string> secret = look_up_secret(source, allow_commands);
    const std::string place = inventory::format_place(source.place);
    if (!secret)
      means.missing[source.name] =
          fmt::format("credential `{}` ({}) {}", visible(source.name, 100), place, secret.error().message);
    credentials.add(source.name, secret, source.grant, place);
  }
  means.secrets = credentials.secrets();
  return credentials.written_forms();
}

}  // namespace

Notifying::Notifying(const inventory::Inventory& inventory, bool allow_commands, bool quiet)
    : inventory_(inventory), quiet_(quiet) {
  std::vector<std::string> hidden = look_up(inventory, allow_commands, means_);
  for (const NotifySettings& one : inventory.notifiers)
    if (one.address.scheme != "unix") hidden.push_back(one.address.path);  // of many webhooks it is the secret
  scrubber_ = Scrubber(std::move(hidden));
  means_.allow_commands = allow_commands;
}

std::vector<notify::Outcome> Notifying::tell(const std::vector<NotifySettings>& notifiers,
                                             const notify::News& news) const {
  return notify::tell(notifiers, news, means());
}

notify::News Notifying::start_news() const { return news_of(inventory_, notify::Event::start); }

notify::Means Notifying::means() const {
  notify::Means means = means_;
  means.scrubber = &scrubber_;
  return means;
}

void Notifying::begin() {
  for (const notify::Outcome& outcome : tell(inventory_.notifiers, start_news()))
    if (!outcome.ok)
      std::cerr << fmt::format("audit run: notifier `{}` did not hear of the start: {}\n", outcome.notifier,
                               outcome.message);
}

std::vector<notify::Outcome> Notifying::end(const RunRecord& record, int exit_code,
                                            std::optional<notify::Change> change) {
  notify::News news = cli::news_of(record, exit_code);
  news.change = std::move(change);
  std::vector<notify::Outcome> outcomes = tell(inventory_.notifiers, news);
  for (const notify::Outcome& outcome : outcomes) {
    if (!outcome.ok)
      std::cerr << fmt::format("audit run: notifier `{}` was not told ({}): {}\n", outcome.notifier, outcome.condition,
                               outcome.message);
    else if (!quiet_)
      std::cerr << fmt::format("told {}: {}\n", outcome.notifier, outcome.condition);
  }
  return outcomes;
}

std::vector<notify::Outcome> Notifying::test(const std::string& notifier) {
  std::vector<NotifySettings> wanted = inventory_.notifiers;
  if (!notifier.empty()) std::erase_if(wanted, [&](const NotifySettings& one) { return one.name != notifier; });
  return tell(wanted, news_of(inventory_, notify::Event::test));
}

notify::News news_of(const RunRecord& record, int exit_code) {
  notify::News news;
  news.version = record.tool.version;
  news.id = record.run.id;
  news.host = record.run.vantage.host;
  news.inventory_name = record.inventory.name;
  news.inventory_path = record.inventory.path;
  news.started = record.run.started;
  news.finished = record.run.finished;
  news.complete = record.run.complete && record.summary.planned > 0 &&
                  record.summary.accepted_coverage() >= record.require_coverage;
  news.stopped_by = record.run.stopped_by;
  news.exit_code = exit_code;
  news.summary = record.summary;
  news.require_coverage = record.require_coverage;
  for (std::size_t severity = severity_count; severity-- > 0;) {
    if (record.summary.failures[severity] == record.summary.waived_failures[severity]) continue;
    for (const Check& check : record.checks.with(Detail::results, {Status::fail}))
      for (const Finding& finding : check.results)
        if (finding.status == Status::fail && finding.waiver.empty() &&
            finding.severity == static_cast<Severity>(severity))
          news.failures.add({finding.severity, check.rule, check.target, finding.endpoint, finding.message});
  }
  for (const WaiverRecord& waiver : record.waivers)
    if (waiver.state == WaiverState::expiring)
      news.waivers.push_back({waiver.id, waiver.rule, waiver.expires, waiver.days_left});
  return news;
}

}  // namespace audit::cli
