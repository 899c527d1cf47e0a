#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace audit::cli {

Progress::Progress(const Live& live, std::uint64_t members, bool quiet) : live_(live), members_(members) {
  const char* terminal = std::getenv("TERM");
  shown_ = !quiet && isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void Progress::draw() {
  if (!shown_) return;
  const std::uint64_t done = live_.members.load(std::memory_order_relaxed);
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  std::string line =
      fmt::format("{} of {} addresses and names, {} checks, {} failures, {} not seen", done, members_,
                  live_.checks.load(std::memory_order_relaxed), live_.failures.load(std::memory_order_relaxed),
                  live_.unseen.load(std::memory_order_relaxed));
  if (done > 0 && done < members_ && elapsed > 2)
    line += fmt::format(", about {:.0f} s left",
                        elapsed / static_cast<double>(done) * static_cast<double>(members_ - done));
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
