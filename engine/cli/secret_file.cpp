#include "cli/secret_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/text.hpp"

namespace audit::cli {
namespace {

Error missing(std::string text) { return {Reason::missing_credential, std::move(text)}; }

/// Closes when it goes.
struct Descriptor {
  explicit Descriptor(int number_in) : number(number_in) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

/// "" where nobody else may read or change it.
std::string why_not_private(const struct stat& status, const std::string& shown) {
  constexpr unsigned others = 0077;
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return fmt::format(
        "is in a file of another user (uid {}): {}; a file of a secret belongs to who runs this, or to root",
        status.st_uid, shown);
  if ((status.st_mode & others) != 0)
    return fmt::format("is in a file that others may use (mode {:04o}); chmod 600 {}", status.st_mode & 07777U, shown);
  return {};
}

}  // namespace

Result<std::string> read_secret_file(const std::filesystem::path& path) {
  const std::string shown = visible(path.string());
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.number < 0 && errno == ENOENT) return missing(fmt::format("is not there: no file {}", shown));
  if (file.number < 0)
    return missing(fmt::format("cannot be read: {}: {}", shown, std::generic_category().message(errno)));
  struct stat status {};
  if (fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
    return missing(fmt::format("is not there: {} is not a file", shown));
  if (std::string why = why_not_private(status, shown); !why.empty()) return missing(std::move(why));
  std::string text(longest_secret + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.number, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return missing(fmt::format("cannot be read: {}: {}", shown, std::generic_category().message(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > longest_secret) return missing(fmt::format("is longer than {} bytes: {}", longest_secret, shown));
  if (size == 0) return missing(fmt::format("is empty: {}", shown));
  text.resize(size);
  return text;
}

}  // namespace audit::cli
