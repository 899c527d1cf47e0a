#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cli/progress_line.hpp"

namespace audit::cli {
namespace {

/// Of the terminal, which may be made wider or narrower while a run goes on.
std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(const Live& live, std::uint64_t members, bool quiet)
    : live_(live), members_(members), done_before_(live.members.load(std::memory_order_relaxed)) {
  const char* terminal = std::getenv("TERM");
  shown_ = !quiet && isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void Progress::draw() {
  if (!shown_) return;
  ProgressSight sight;
  sight.members = members_;
  sight.done = live_.members.load(std::memory_order_relaxed);
  sight.done_before = done_before_;
  sight.checks = live_.checks.load(std::memory_order_relaxed);
  sight.failures = live_.failures.load(std::memory_order_relaxed);
  sight.unseen = live_.unseen.load(std::memory_order_relaxed);
  sight.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  const std::string line = progress_line(sight, columns() - 1);
  const std::string text = fmt::format("\r\x1b[K{}", line);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace audit::cli
