#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace audit::cli {

/// A run's options as the run itself reads them, without a run: for commands that have it run later.
class RunWords {
 public:
  RunWords();
  /// Error where the run does not know them.
  [[nodiscard]] Result<void> parse(const std::string& inventory, const std::vector<std::string>& words);
  [[nodiscard]] bool has(const char* option) const;
  [[nodiscard]] std::vector<std::string> values(const char* option) const;
  /// What was given and is not for a run that nobody starts by hand: the option, and why.
  [[nodiscard]] std::vector<std::string> unfit() const;

 private:
  std::vector<std::string> arguments_;
  int code_ = 0;
  CLI::App program_;
  CLI::App* run_ = nullptr;
};

/// A path of --rules that is the same from anywhere, with its plus sign.
[[nodiscard]] std::string whole_rules(const std::string& path);
/// A run's words with such paths.
[[nodiscard]] std::vector<std::string> whole_words(const std::vector<std::string>& words);

}  // namespace audit::cli
