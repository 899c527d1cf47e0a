#include "cli/watch_notifying.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace audit::cli {
namespace {

/// Of pings the last says all: that the watch is at its work.
notify::Teller::Keep keep_of(const NotifySettings& settings) {
  return settings.kind == NotifierKind::ping ? notify::Teller::Keep::latest : notify::Teller::Keep::all;
}

std::string note_of(const notify::Outcome& outcome) {
  if (outcome.ok) return fmt::format("told {}: {}", visible(outcome.notifier), outcome.condition);
  return fmt::format("notifier `{}` was not told ({}): {}", visible(outcome.notifier), outcome.condition,
                     visible(outcome.message));
}

}  // namespace

WatchNotifying::Listener::Listener(const NotifySettings& notifier, const notify::Means& means)
    : settings(notifier), teller(keep_of(notifier), [&notifier, &means](const notify::News& news, notify::Stop& stop) {
        return notify::tell_one(notifier, news, means, stop);
      }) {}

WatchNotifying::WatchNotifying(const inventory::Inventory& inventory, bool allow_commands)
    : notifying_(inventory, allow_commands, true), means_(notifying_.means()), host_(notifying_.start_news().host) {
  for (const NotifySettings& settings : inventory.notifiers) listeners_.emplace_back(settings, means_);
}

void WatchNotifying::begin() { tell(notifying_.start_news()); }

void WatchNotifying::round(const RoundFacts& round, const std::vector<WatchChange>& changes) {
  if (listeners_.empty()) return;
  notify::News news = news_of(round, changes);
  news.host = host_;
  for (const WaiverRecord& waiver : round.record.waivers)
    if (waiver.state == WaiverState::expiring && ending_.insert(waiver.id).second)
      news.waivers.push_back({waiver.id, waiver.rule, waiver.expires, waiver.days_left});
  tell(news);
}

void WatchNotifying::tell(const notify::News& news) {
  for (Listener& listener : listeners_)
    if (notify::would_tell(listener.settings, news)) listener.teller.add(news);
}

void WatchNotifying::finish(const std::function<bool()>& hurried) {
  for (Listener& listener : listeners_) listener.teller.finish(hurried);
}

std::vector<std::string> WatchNotifying::take_notes(bool told) {
  std::vector<std::string> notes;
  for (Listener& listener : listeners_) {
    for (const notify::Outcome& outcome : listener.teller.take_outcomes())
      if (told || !outcome.ok) notes.push_back(note_of(outcome));
    const std::uint64_t left_out = listener.teller.left_out();
    if (left_out > listener.noted)
      notes.push_back(fmt::format("notifier `{}` is behind, and was not told of {} with changes",
                                  visible(listener.settings.name), counted(left_out - listener.noted, "round")));
    listener.noted = left_out;
  }
  return notes;
}

}  // namespace audit::cli
