#include "notify/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit::notify {

Duration pause_after(std::uint32_t attempt, double chance) {
  constexpr Duration first = std::chrono::milliseconds(500);
  constexpr Duration longest = std::chrono::seconds(30);
  Duration pause = first;
  for (std::uint32_t i = 1; i < attempt && pause < longest; ++i) pause *= 2;
  const double whole = static_cast<double>(std::min(pause, longest).count());
  return Duration(static_cast<Duration::rep>(whole * (0.5 + std::clamp(chance, 0.0, 1.0) / 2)));
}

Outcome persist(const NotifySettings& settings, const std::function<Sent(Duration)>& attempt,
                const Patience& patience) {
  Outcome outcome;
  outcome.notifier = settings.name;
  const Instant end = patience.now() + settings.give_up_after;
  while (true) {
    const Sent sent = attempt(std::min<Duration>(settings.timeout, end - patience.now()));
    ++outcome.attempts;
    outcome.ok = sent.how == Sent::How::delivered;
    outcome.message = sent.message;
    if (sent.how != Sent::How::failed) return outcome;
    const std::string spent = counted(outcome.attempts, "attempt");
    if (outcome.attempts >= settings.attempts) {
      outcome.message += fmt::format("; given up after {}", spent);
      return outcome;
    }
    const Duration pause = std::max(pause_after(outcome.attempts, patience.chance()), sent.after);
    if (patience.now() + pause >= end) {
      outcome.message += fmt::format("; given up after {}: another one would be later than give_up_after = \"{}\"",
                                     spent, format_duration(settings.give_up_after));
      return outcome;
    }
    if (!patience.wait(pause)) {
      outcome.message += fmt::format("; given up after {}: the program was asked to end", spent);
      return outcome;
    }
  }
}

}  // namespace audit::notify
