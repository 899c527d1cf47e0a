#include "cli/lock_note.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <string_view>

#include "base/text.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t most_shown = 500;  // of one value that somebody wrote

struct Row {
  std::string_view key;
  std::string LockNote::*value;
};

constexpr std::array<Row, 5> rows{{{"pid", &LockNote::pid},
                                   {"host", &LockNote::host},
                                   {"started", &LockNote::started},
                                   {"run", &LockNote::run},
                                   {"command", &LockNote::command}}};

}  // namespace

std::string format_note(const LockNote& note) {
  std::string text;
  for (const Row& row : rows) text += fmt::format("{} {}\n", row.key, visible(note.*row.value));
  return text;
}

LockNote parse_note(const std::string& text) {
  LockNote note;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    for (const Row& row : rows)
      if (line.size() > row.key.size() && line.starts_with(row.key) && line[row.key.size()] == ' ')
        note.*row.value = from_visible(line.substr(row.key.size() + 1));
  return note;
}

std::string describe_note(const LockNote& note) {
  std::string text;
  const auto add = [&text](std::string_view before, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{}", before, visible(value, most_shown));
  };
  add(" since ", note.started);
  add(": pid ", note.pid);
  add(" on ", note.host);
  add("; run ", note.run);
  add("; ", note.command);
  return text;
}

}  // namespace audit::cli
