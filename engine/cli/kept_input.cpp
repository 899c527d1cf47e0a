#include "cli/kept_input.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace audit::cli {
namespace {

bool write_all(int descriptor, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(descriptor, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

void keep_input(std::size_t most) {
  const int memory = memfd_create("standard input", MFD_CLOEXEC);
  if (memory < 0) return;
  std::array<char, 65'536> buffer{};
  bool good = true;
  for (std::size_t kept = 0; good && kept < most;) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    good = write_all(memory, buffer.data(), static_cast<std::size_t>(got));
    kept += static_cast<std::size_t>(got);
  }
  dup2(memory, STDIN_FILENO);
  close(memory);
}

void rewind_input() { lseek(STDIN_FILENO, 0, SEEK_SET); }

}  // namespace audit::cli
