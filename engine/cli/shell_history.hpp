#pragma once

#include <string>
#include <vector>

namespace audit::cli {

/// What was typed, a line each, in a file that only its owner reads (0600). A line that begins with a space is not kept.
class ShellHistory {
 public:
  /// `path` "": nothing is read or written.
  explicit ShellHistory(std::string path);

  /// The last lines of earlier sessions, the oldest first. What cannot be read or kept is said once, in `problem`.
  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Appends it at once, so that a session that is killed loses nothing. False where it is not worth keeping.
  bool add(const std::string& line);

  /// $XDG_STATE_HOME/audit/shell_history, else ~/.local/state/…; "" where there is no home.
  [[nodiscard]] static std::string usual_path();

 private:
  void shorten();

  std::string path_;
  std::vector<std::string> lines_;
  std::string last_;
  std::string problem_;
};

}  // namespace audit::cli
