#pragma once

#include <string>

namespace audit::cli {

/// Who holds a lock, as far as he wrote it down: texts that are shown, and that nobody believes.
struct LockNote {
  std::string pid;
  std::string host;
  std::string started;
  std::string run;
  std::string command;
};

[[nodiscard]] std::string format_note(const LockNote& note);
/// Of whatever stands in a file; what is missing, or was written by somebody else, is "".
[[nodiscard]] LockNote parse_note(const std::string& text);
/// "since 2026-11-22T02:30:00Z: pid 123 on host; run …; command"; "" of an empty note.
[[nodiscard]] std::string describe_note(const LockNote& note);

}  // namespace audit::cli
