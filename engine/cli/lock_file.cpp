#include "cli/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_note = 16'384;
constexpr std::size_t digits = 12;
constexpr mode_t owner_only = 0600;
constexpr mode_t owner_folder = 0700;

Error fault(const std::string& path, const std::string& what) {
  return {Reason::local_fault, fmt::format("{}: {}", visible(path), what)};
}

Error fault(const std::string& path, std::string_view what, int number) {
  return fault(path, fmt::format("{}: {}", what, std::generic_category().message(number)));
}

/// Makes a folder and those above it, for nobody else to look into.
Result<void> make_folder(const fs::path& folder) {
  std::error_code failure;
  if (fs::is_directory(folder, failure)) return {};
  if (folder.has_parent_path() && folder.parent_path() != folder)
    if (Result<void> above = make_folder(folder.parent_path()); !above) return above;
  if (mkdir(folder.c_str(), owner_folder) == 0 || (errno == EEXIST && fs::is_directory(folder, failure))) return {};
  return fault(folder.string(), "the folder of the lock cannot be made", errno);
}

Result<void> check_folder(const std::string& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return fault(folder, "the folder of the lock cannot be looked at", errno);
  if (!S_ISDIR(status.st_mode)) return fault(folder, "a lock needs a folder, and this is none");
  if ((status.st_mode & S_IWOTH) != 0)
    return fault(folder,
                 "everybody may write to this folder, and so hold up a run for ever: name another, or chmod 700");
  return {};
}

}  // namespace

std::string lock_name(const std::string& inventory) {
  std::error_code failure;
  const fs::path whole = fs::weakly_canonical(fs::absolute(inventory, failure), failure);
  return fmt::format("run-{}.lock", sha256_hex(whole.empty() ? inventory : whole.string()).substr(0, digits));
}

std::string network_file_system(long type) {
  struct Row {
    long type;
    const char* name;
  };
  constexpr std::array<Row, 8> rows{{{0x6969, "NFS"},  // statfs(2)
                                     {0x517b, "SMB"},
                                     {0xff534d42, "CIFS"},
                                     {0xfe534d42, "SMB2"},
                                     {0x01021997, "9P"},
                                     {0x00c36400, "Ceph"},
                                     {0x5346414f, "AFS"},
                                     {0x65735546, "FUSE"}}};
  for (const Row& row : rows)
    if (row.type == type) return row.name;
  return {};
}

Result<LockFile> LockFile::open(const std::string& folder, const std::string& name) {
  std::error_code failure;
  const fs::path whole = fs::absolute(folder, failure).lexically_normal();
  const fs::path plain = whole.has_filename() ? whole : whole.parent_path();
  if (Result<void> made = make_folder(plain); !made) return made.error();
  if (Result<void> checked = check_folder(plain.string()); !checked) return checked.error();
  const std::string path = (plain / name).string();
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const int number = ::open(path.c_str(), flags, owner_only);
  if (number < 0 && errno == ELOOP) return fault(path, "a lock is a file, and this is a link: remove it");
  if (number < 0) return fault(path, "the lock cannot be opened", errno);
  LockFile file(path, number);
  struct stat status {};
  if (fstat(number, &status) != 0) return fault(path, "the lock cannot be looked at", errno);
  if (!S_ISREG(status.st_mode)) return fault(path, "a lock is a file, and this is none: remove it");
  if (status.st_nlink > 1) return fault(path, "this file has another name too, and would be written to: remove it");
  return file;
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(number_, other.number_);  // `other` ends with the one that was here
  return *this;
}

LockFile::~LockFile() {
  if (number_ >= 0) close(number_);
}

Result<bool> LockFile::try_lock() {
  while (flock(number_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return false;
    return fault(path_, "this file system keeps no locks (flock), name a folder on a disk of this machine", errno);
  }
  return true;
}

bool LockFile::is_current() const {
  struct stat held {};
  struct stat named {};
  return fstat(number_, &held) == 0 && lstat(path_.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

std::string LockFile::read() const {
  std::string text(longest_note, '\0');
  const ssize_t got = pread(number_, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

void LockFile::write(const std::string& text) const {
  // A note that a full disk does not take is missed by a message of another run, and by nothing else.
  if (ftruncate(number_, 0) == 0) (void)!pwrite(number_, text.data(), text.size(), 0);
}

std::string LockFile::on_network() const {
  struct statfs about {};
  return fstatfs(number_, &about) == 0 ? network_file_system(static_cast<long>(about.f_type)) : std::string();
}

}  // namespace audit::cli
