#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/run_record.hpp"
#include "report/report.hpp"

namespace CLI {
class App;
}

namespace audit::cli {

/// How standard output is written: colours only on a terminal, and not under NO_COLOR; its width.
[[nodiscard]] report::Style stdout_style();

/// One `--report FORMAT[=PATH]`.
struct ReportWish {
  std::string format;
  std::string path;                                  // "" or "-" for standard output
  std::optional<std::uint32_t> mode = std::nullopt;  // of the file; none for what is usual of the format
  [[nodiscard]] bool to_stdout() const { return path.empty() || path == "-"; }
  /// A file of its own, not a device or a pipe that something else may write to.
  [[nodiscard]] bool to_file() const;
};

/// What `--report` takes, in words: "text, json or html; without =PATH on standard output".
[[nodiscard]] std::string report_help();
/// `--format FORMAT`: what standard output has instead of the text.
void add_format_option(CLI::App& command, std::string& format);
/// Error where it is no format alone.
[[nodiscard]] Result<void> check_console_format(const std::string& format);
/// Error where the format is unknown.
[[nodiscard]] Result<ReportWish> parse_report_wish(const std::string& text);
/// Whether a report can be written where it is wanted, as far as that can be known before there is one: leaves everything
/// there as it is. Error says why it cannot.
[[nodiscard]] Result<void> try_report_path(const ReportWish& wish);
/// Writes a file that appears whole under its name, or not at all; a device or a pipe is written to. `format` tells its
/// draft from those of other reports. Its mode is `mode` less the umask, also where it replaces a file.
[[nodiscard]] Result<void> write_whole(const std::string& path, const std::string& format, std::uint32_t mode,
                                       const std::function<void(std::ostream&)>& write);
/// Why a report could not be written, by the number of the fault.
[[nodiscard]] Error cannot_write(const std::string& path, int number);
/// Does any of these tell what became of earlier runs?
[[nodiscard]] bool compares(const std::vector<ReportWish>& wishes);
/// Does any of these show the digest of the run?
[[nodiscard]] bool digests(const std::vector<ReportWish>& wishes);
/// Writes a report: a file appears whole under its name, or not at all. Error says why it could not be written.
[[nodiscard]] Result<void> write_report(const ReportWish& wish, const RunRecord& record);
/// The run's text for a person: on standard output, or on standard error where a report takes that.
[[nodiscard]] Result<void> print_text(const RunRecord& record, bool to_stderr);

}  // namespace audit::cli
