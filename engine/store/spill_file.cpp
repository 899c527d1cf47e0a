#include "store/spill_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace audit::store {
namespace {

int open_nameless() {
  const char* const chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  const std::string folder = chosen == nullptr || *chosen == '\0' ? "/var/tmp" : chosen;
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string path = folder + "/audit.XXXXXX";  // file systems that know no files without a name
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) (void)unlink(path.c_str());
  return named;
}

}  // namespace

SpillFile::~SpillFile() {
  if (file_ >= 0) (void)close(file_);
}

SpillFile::Place SpillFile::put(std::string bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const std::lock_guard lock(mutex_);
  if (!refused_ && write_to_end(bytes)) {
    end_ += size;
    return {end_ - size, size, false};
  }
  refused_ = true;
  pieces_.push_back(std::move(bytes));
  return {pieces_.size() - 1, size, true};
}

bool SpillFile::write_to_end(std::string_view bytes) {
  if (file_ < 0) file_ = open_nameless();
  if (file_ < 0) return false;
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(end_ + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

void SpillFile::get(const Place& place, std::string& bytes) const {
  if (place.in_memory) {
    const std::lock_guard lock(mutex_);
    bytes = pieces_[place.at];
    return;
  }
  bytes.resize(place.size);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t read = pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(place.at + done));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0)
      throw std::runtime_error(fmt::format("the file that held the run's checks for a while cannot be read back: {}",
                                           read == 0 ? "it was cut off" : std::generic_category().message(errno)));
    done += static_cast<std::size_t>(read);
  }
}

std::uint64_t SpillFile::bytes_on_disk() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

}  // namespace audit::store
