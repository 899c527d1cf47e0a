#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace audit::store {

/// Bytes that need not be in memory: in a file of TMPDIR (else /var/tmp) that has no name, goes with the process, and that
/// nobody else can open. Where no such file can be made or grow they stay in memory, and nothing is lost. Any thread.
class SpillFile {
 public:
  SpillFile() = default;
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Where bytes were put.
  struct Place {
    std::uint64_t at = 0;  // in the file, or the number of a piece in memory
    std::uint32_t size = 0;
    bool in_memory = false;
  };
  [[nodiscard]] Place put(std::string bytes);
  /// Replaces `bytes` by those that were put there. Throws std::runtime_error where the file cannot be read.
  void get(const Place& place, std::string& bytes) const;
  [[nodiscard]] std::uint64_t bytes_on_disk() const;

 private:
  [[nodiscard]] bool write_to_end(std::string_view bytes);

  mutable std::mutex mutex_;
  int file_ = -1;
  bool refused_ = false;  // by the disk, or by the limits of the process
  std::uint64_t end_ = 0;
  std::deque<std::string> pieces_;  // stay where they are while others come
};

}  // namespace audit::store
