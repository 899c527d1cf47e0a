#include "cli/schedule_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/text.hpp"
#include "cli/schedule_job.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_read = 65'536;
constexpr mode_t for_all = 0644;

Error fault(const std::string& path, std::string_view what, int number) {
  return {Reason::local_fault, fmt::format("{}: {}: {}", visible(path), what, std::generic_category().message(number))};
}

/// The text of a file that is one by itself; "" of anything else.
std::string read_plain(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return {};
  struct stat status {};
  std::string text(most_read, '\0');
  const bool plain = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const ssize_t got = plain ? read(file, text.data(), text.size()) : -1;
  close(file);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

int write_new(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, for_all);
  if (file < 0) return errno;
  const bool good = fchmod(file, for_all) == 0 &&
                    write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  const int number = good ? 0 : (errno != 0 ? errno : EIO);
  close(file);
  return number;
}

}  // namespace

Result<void> check_ours(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return fault(path, "cannot be looked at", errno);
  }
  if (S_ISREG(status.st_mode) && parse_head(read_plain(path))) return {};
  return Error(Reason::local_fault,
               fmt::format("{} was not made by audit schedule install, and is left as it is", visible(path)));
}

Result<void> write_ours(const std::string& path, const std::string& text) {
  if (Result<void> checked = check_ours(path); !checked) return checked;
  std::error_code failure;
  fs::create_directories(fs::path(path).parent_path(), failure);
  if (failure) return fault(path, "its folder cannot be made", failure.value());
  const std::string draft = fmt::format("{}.part-{}", path, getpid());
  int number = write_new(draft, text);
  if (number == 0 && rename(draft.c_str(), path.c_str()) != 0) number = errno;
  if (number == 0) return {};
  if (number != EEXIST) unlink(draft.c_str());
  return fault(path, "cannot be written", number);
}

Result<bool> remove_ours(const std::string& path) {
  if (Result<void> checked = check_ours(path); !checked) return checked.error();
  if (unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return fault(path, "cannot be removed", errno);
}

std::string read_ours(const std::string& path) {
  std::string text = read_plain(path);
  return parse_head(text) ? text : std::string();
}

std::vector<std::string> list_ours(const std::string& folder, const std::string& ending) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (auto entry = fs::directory_iterator(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("audit-") && name.ends_with(ending) && !read_ours(entry->path().string()).empty())
      paths.push_back(entry->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace audit::cli
