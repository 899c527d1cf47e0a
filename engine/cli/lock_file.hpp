#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace audit::cli {

/// The name of an inventory's lock file: the same for each way to write its path.
[[nodiscard]] std::string lock_name(const std::string& inventory);
/// "NFS" and the like, by statfs(2)'s number; "" where locks are this machine's own.
[[nodiscard]] std::string network_file_system(long type);

/// The file below a lock: one descriptor, which processes that are forked share and programs do not get.
class LockFile {
 public:
  /// Makes folder (0700) and file (0600) where they are missing. Refuses what is no file of its own: a link, a pipe, a file
  /// with a second name, a folder that everybody may write to.
  [[nodiscard]] static Result<LockFile> open(const std::string& folder, const std::string& name);
  LockFile(LockFile&& other) noexcept : path_(std::move(other.path_)), number_(std::exchange(other.number_, -1)) {}
  LockFile& operator=(LockFile&& other) noexcept;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// Takes the lock if it is free: true; false where somebody holds it. Error where the file system has no locks.
  [[nodiscard]] Result<bool> try_lock();
  /// False where the file was removed or replaced since it was opened: a lock on it is no lock.
  [[nodiscard]] bool is_current() const;
  [[nodiscard]] std::string read() const;
  void write(const std::string& text) const;
  /// As `network_file_system` says of the one it is on.
  [[nodiscard]] std::string on_network() const;

 private:
  LockFile(std::string path, int number) : path_(std::move(path)), number_(number) {}
  std::string path_;
  int number_;
};

}  // namespace audit::cli
