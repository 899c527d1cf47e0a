#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace audit::cli {

class ShellHistory;

/// What may stand where the cursor is.
struct Completion {
  std::size_t start = 0;  // bytes of the line before what is completed
  std::vector<std::string> words;
};

/// Reads lines from the terminal, with editing, history and TAB (libedit; ~/.editrc counts). SIGINT and SIGTERM are
/// blocked by the caller and read here.
class ShellEditor {
 public:
  using Completer = std::function<Completion(const std::string& line)>;
  enum class Event : std::uint8_t { line, interrupted, end, terminated };

  ShellEditor(ShellHistory& history, Completer completer);
  ~ShellEditor();
  ShellEditor(const ShellEditor&) = delete;
  ShellEditor& operator=(const ShellEditor&) = delete;

  /// `line` without its end; what is worth it joins the history.
  [[nodiscard]] Event read(const std::string& prompt, std::string& line);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace audit::cli
