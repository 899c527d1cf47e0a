#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/notifier.hpp"
#include "base/scrubber.hpp"
#include "notify/backoff.hpp"
#include "notify/news.hpp"
#include "notify/stop.hpp"

namespace audit::notify {

/// What notifiers need besides their settings.
struct Means {
  std::map<std::string, std::string> secrets;  // by the name of the credential
  std::map<std::string, std::string> missing;  // why one is not there
  bool allow_commands = false;
  const Scrubber* scrubber = nullptr;  // of what servers and commands say; not null
};

/// Tells everybody who wants to hear this news, side by side, each as often as it takes, and returns once all have been
/// told or given up: at a start the pings, at an end whoever's conditions hold, in a test everybody. In the order of the
/// settings; who had nothing to be told is left out. SIGINT and SIGTERM end all waiting, and then do what they would have
/// done. Never throws for what a receiver does. To be called from the process's only thread, or with these signals blocked
/// in the others.
[[nodiscard]] std::vector<Outcome> tell(const std::vector<NotifySettings>& notifiers, const News& news,
                                        const Means& means);

/// Whether this notifier wants to hear this news.
[[nodiscard]] bool would_tell(const NotifySettings& notifier, const News& news);
/// Tells it, on this thread, until it is told, given up, or stopped; signals are left alone. SIGPIPE must be ignored.
[[nodiscard]] Outcome tell_one(const NotifySettings& notifier, const News& news, const Means& means, Stop& stop);

}  // namespace audit::notify
