#include "cli/watch_files.hpp"

#include <csignal>

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t signal_that_came = 0;

}  // namespace

std::set<std::string> WatchedFiles::changed() {
  std::map<std::string, Stamp> now;
  const auto note = [&](const fs::path& path) {
    std::error_code failure;
    const auto time = fs::last_write_time(path, failure);
    const auto size = failure ? 0 : fs::file_size(path, failure);
    if (!failure) now[path.string()] = {time, size};
  };
  for (const std::string& path : paths_) {
    std::error_code failure;
    if (!fs::is_directory(path, failure)) {
      note(path);
      continue;
    }
    for (auto it = fs::recursive_directory_iterator(path, failure);
         !failure && it != fs::recursive_directory_iterator(); it.increment(failure))
      if (it->path().extension() == ".lua") note(it->path());
  }
  std::set<std::string> changed;
  for (const auto& [path, stamp] : now)
    if (const auto known = known_.find(path); known == known_.end() || known->second != stamp) changed.insert(path);
  for (const auto& [path, stamp] : known_)
    if (!now.contains(path)) changed.insert(path);
  known_ = std::move(now);
  return changed;
}

void note_signals() {
  struct sigaction action {};
  action.sa_handler = [](int number) { signal_that_came = number; };
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int noted_signal() noexcept { return signal_that_came; }

}  // namespace audit::cli
