#include "cli/drafts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>

namespace audit::cli {
namespace {

/// The drafts that are there.
struct Drafts {
  std::mutex mutex;
  std::set<std::string> paths;
  bool discarded = false;
};

Drafts& drafts() {
  static Drafts& all = *new Drafts;  // never destroyed: threads may write to the process's end
  return all;
}

}  // namespace

std::string draft_of(const std::string& path, const std::string& format) {
  return fmt::format("{}.part-{}-{}", path, getpid(), format);
}

int make_draft(const std::string& draft, std::uint32_t mode) {
  const std::lock_guard lock(drafts().mutex);
  if (drafts().discarded) return ECANCELED;
  unlink(draft.c_str());  // of a process of this number that died
  const int descriptor = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return errno;
  close(descriptor);
  drafts().paths.insert(draft);
  return 0;
}

int publish_draft(const std::string& draft, const std::string& path) {
  const std::lock_guard lock(drafts().mutex);
  if (drafts().paths.erase(draft) == 0) return ECANCELED;
  if (std::rename(draft.c_str(), path.c_str()) == 0) return 0;
  const int number = errno;
  unlink(draft.c_str());
  return number;
}

void remove_draft(const std::string& draft) {
  const std::lock_guard lock(drafts().mutex);
  if (drafts().paths.erase(draft) > 0) unlink(draft.c_str());
}

void discard_drafts() {
  const std::lock_guard lock(drafts().mutex);
  drafts().discarded = true;
  for (const std::string& draft : drafts().paths) unlink(draft.c_str());
  drafts().paths.clear();
}

}  // namespace audit::cli
