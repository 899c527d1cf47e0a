#include "inventory/source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace audit::inventory {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path, int flags = 0)
      : owned_(path != "-"), number_(owned_ ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags) : STDIN_FILENO) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (owned_ && number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  bool owned_;
  int number_;
};

Unreadable failed() { return {fmt::format("cannot be read: {}", std::strerror(errno))}; }

Unreadable too_large() {
  return {
      fmt::format("is larger than {} MiB, the most that an inventory may be; is this the right file? Networks are "
                  "best written as CIDRs, not address by address",
                  largest_file >> 20U)};
}

std::optional<Unreadable> look_at(int descriptor, std::string& bytes) {
  struct stat about {};
  if (::fstat(descriptor, &about) != 0) return failed();
  if (S_ISDIR(about.st_mode)) return Unreadable{"is a directory; name the inventory file in it"};
  if (!S_ISREG(about.st_mode)) return std::nullopt;
  if (about.st_size > static_cast<off_t>(largest_file)) return too_large();
  bytes.reserve(static_cast<std::size_t>(about.st_size));
  return std::nullopt;
}

std::variant<std::string, Unreadable> read_all(const Descriptor& file) {
  std::string bytes;
  if (auto unreadable = look_at(file.number(), bytes)) return *unreadable;
  std::array<char, std::size_t{1} << 16U> chunk{};
  while (true) {
    const ssize_t count = ::read(file.number(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed();
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > largest_file) return too_large();
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::variant<std::string, Unreadable> read_source(const std::string& path) {
  const Descriptor file(path);
  if (file.number() < 0) return failed();
  return read_all(file);
}

std::variant<std::string, Unreadable> read_named_file(const std::string& path) {
  const Descriptor file(path == "-" ? "./-" : path, O_NONBLOCK | O_NOCTTY);
  if (file.number() < 0) return failed();
  struct stat about {};
  struct statfs system {};
  if (::fstat(file.number(), &about) != 0 || ::fstatfs(file.number(), &system) != 0) return failed();
  if (S_ISDIR(about.st_mode)) return Unreadable{"is a directory; name the file in it"};
  if (!S_ISREG(about.st_mode) || system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC)
    return Unreadable{"is no ordinary file, and an inventory may name no other"};
  return read_all(file);
}

}  // namespace audit::inventory
