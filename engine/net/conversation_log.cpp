#include "net/conversation_log.hpp"

#include <algorithm>

#include "net/replay_clock.hpp"

namespace audit::net {

void ConversationLog::add(Step::Kind kind, std::string_view bytes, std::optional<Reason> failure) {
  const bool goes_on = !entries_.empty() && entries_.back().kind == kind && !entries_.back().failure && !failure &&
                       (kind == Step::Kind::write || kind == Step::Kind::read);
  if (goes_on) {
    entries_.back().bytes += bytes;
  } else {
    entries_.push_back({kind, std::string(bytes), failure});
  }
}

StreamPlace past_silence(const Exchange& exchange, StreamPlace place) {
  while (place.used == 0 && place.step < exchange.steps.size() && is_silent(exchange.steps[place.step])) ++place.step;
  return place;
}

std::optional<StreamPlace> after_bytes(const Exchange& exchange, StreamPlace place, Step::Kind kind,
                                       std::string_view bytes) {
  while (!bytes.empty()) {
    place = past_silence(exchange, place);
    if (place.step == exchange.steps.size()) return std::nullopt;
    const Step& step = exchange.steps[place.step];
    if (step.kind != kind || (kind == Step::Kind::read && step.error)) return std::nullopt;
    const std::string& whole = kind == Step::Kind::write ? step.asked : step.got;
    const std::string_view rest = std::string_view(whole).substr(place.used);
    const std::size_t count = std::min(rest.size(), bytes.size());
    if (rest.substr(0, count) != bytes.substr(0, count)) return std::nullopt;
    bytes.remove_prefix(count);
    place.used += count;
    if (place.used < whole.size()) continue;
    ++place.step;
    place.used = 0;
  }
  return place;
}

std::optional<StreamPlace> ConversationLog::find_in(const Exchange& exchange) const {
  if (exchange.error) return std::nullopt;
  StreamPlace place;
  for (const Entry& entry : entries_) {
    const bool plain = (entry.kind == Step::Kind::write || entry.kind == Step::Kind::read) && !entry.failure;
    if (plain) {
      const std::optional<StreamPlace> after = after_bytes(exchange, place, entry.kind, entry.bytes);
      if (!after) return std::nullopt;
      place = *after;
      continue;
    }
    place = past_silence(exchange, place);
    if (place.step == exchange.steps.size() || place.used > 0) return std::nullopt;
    const Step& step = exchange.steps[place.step];
    const std::optional<Reason> failure = step.error ? std::optional(step.error->reason) : std::nullopt;
    const bool same = step.kind == entry.kind && failure == entry.failure &&
                      (entry.kind != Step::Kind::tls || step.asked == entry.bytes);
    if (!same) return std::nullopt;
    ++place.step;
  }
  return place;
}

}  // namespace audit::net
