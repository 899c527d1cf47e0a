#pragma once

#include <iosfwd>
#include <optional>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

/// How a format is written to a terminal or a file.
struct Style {
  bool colour = false;     // ANSI colours (text only)
  std::size_t width = 80;  // columns (text only)
  std::optional<WallTime> last_complete =
      std::nullopt;  // of an earlier run, as the replaced file says (prometheus only)
};

/// One report format: its word on the command line and its writer. A writer sees the record, besides it what its style
/// holds, and nothing else; the same record is always the same bytes.
struct Format {
  std::string_view name;
  std::string_view help;
  void (*write)(const RunRecord& record, const Style& style, std::ostream& out);
  /// What the file that this one will replace hands on; null for most.
  void (*inherit)(const RunRecord& record, std::istream& replaced, Style& style) = nullptr;
  bool compares = false;  // it tells what became of earlier runs: RunRecord::changes and ::past
  bool digests = false;   // it shows RunRecord::digest
  bool streams = false;   // what has ended can be written at once: report/jsonl
};

[[nodiscard]] const std::vector<Format>& formats();
[[nodiscard]] const Format* find_format(std::string_view name);

}  // namespace audit::report
