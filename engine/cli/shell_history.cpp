#include "cli/shell_history.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_lines = 2'000;
constexpr std::size_t longest_line = 4'096;
constexpr mode_t owner_only = 0600;

/// Writes to a file that is nobody else's to read; 0 or errno.
int write_lines(const std::string& path, int flags, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, owner_only);
  if (file < 0) return errno;
  int failure = fchmod(file, owner_only) == 0 ? 0 : errno;
  if (failure == 0 && write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    failure = errno != 0 ? errno : EIO;
  close(file);
  return failure;
}

}  // namespace

std::string ShellHistory::usual_path() {
  const char* state = std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe): before any thread is started
  if (state != nullptr && *state == '/') return std::string(state) + "/audit/shell_history";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  if (home == nullptr || *home != '/') return {};
  return std::string(home) + "/.local/state/audit/shell_history";
}

ShellHistory::ShellHistory(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  std::ifstream file(path_, std::ios::binary);
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.size() <= longest_line) lines_.push_back(std::move(line));
  if (lines_.size() > most_lines) shorten();
}

/// Two shells may shorten it at once: each writes a file of its own and puts it in place whole.
void ShellHistory::shorten() {
  lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(most_lines / 2));
  std::string text;
  for (const std::string& line : lines_) text += line + '\n';
  const std::string beside = fmt::format("{}.{}", path_, getpid());
  if (write_lines(beside, O_TRUNC, text) != 0 || std::rename(beside.c_str(), path_.c_str()) != 0)
    unlink(beside.c_str());
}

bool ShellHistory::add(const std::string& line) {
  const bool worth = !line.empty() && line.front() != ' ' && line.size() <= longest_line && line != last_;
  if (!worth) return false;
  last_ = line;
  if (path_.empty() || !problem_.empty()) return true;
  std::error_code failure;
  const fs::path folder = fs::path(path_).parent_path();
  if (!fs::exists(folder, failure) && fs::create_directories(folder, failure))
    fs::permissions(folder, fs::perms::owner_all, failure);
  if (const int number = write_lines(path_, O_APPEND, line + '\n'); number != 0)
    problem_ = fmt::format("{}: history is not kept: {}", visible(path_), std::generic_category().message(number));
  return true;
}

}  // namespace audit::cli
