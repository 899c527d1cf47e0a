#include "cli/report_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "base/text.hpp"
#include "cli/drafts.hpp"
#include "cli/report_mode.hpp"
#include "report/report.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t narrowest = 60;
constexpr std::size_t default_width = 100;

report::Style style_of(int descriptor) {
  report::Style style;
  style.width = default_width;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (isatty(descriptor) != 1) return style;
  style.colour =
      (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb";
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::max<std::size_t>(narrowest, size.ws_col);
  return style;
}

/// Where a path leads through its links, so that the report goes there and the link stays.
std::string target_of_link(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::is_symlink(path, failure)) return path;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, failure);
  return failure ? path : target.string();
}

/// A device or a pipe is written to; to put a file in its place would destroy it.
bool is_written_in_place(std::filesystem::file_type kind) {
  return kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found;
}

}  // namespace

Error cannot_write(const std::string& path, int number) {
  return {Reason::local_fault, fmt::format("{}: the report could not be written: {}", visible(path),
                                           std::generic_category().message(number))};
}

report::Style stdout_style() { return style_of(STDOUT_FILENO); }

bool ReportWish::to_file() const {
  std::error_code failure;
  return !to_stdout() && !is_written_in_place(std::filesystem::status(path, failure).type());
}

std::string report_help() {
  const std::vector<report::Format>& formats = report::formats();
  std::string help;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (i > 0) help += i + 1 < formats.size() ? ", " : " or ";
    help += formats[i].name;
  }
  return help + "; without =PATH on standard output";
}

Result<ReportWish> parse_report_wish(const std::string& text) {
  ReportWish wish;
  const std::size_t equals = text.find('=');
  wish.format = text.substr(0, equals);
  if (equals != std::string::npos) wish.path = text.substr(equals + 1);
  std::vector<std::string_view> names;
  for (const report::Format& format : report::formats()) names.push_back(format.name);
  if (report::find_format(wish.format) != nullptr && !(equals != std::string::npos && wish.path.empty())) return wish;
  if (equals != std::string::npos && wish.path.empty() && report::find_format(wish.format) != nullptr)
    return Error(Reason::rule_error, fmt::format("--report {}: a path is missing after `=`", text));
  std::string known;
  for (const std::string_view name : names) known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  const std::string_view close = nearest(wish.format, names);
  return Error(Reason::rule_error,
               fmt::format("--report {}: no format `{}`{} There are {}", visible(text), visible(wish.format),
                           close.empty() ? std::string(".") : fmt::format(", did you mean `{}`?", close), known));
}

Result<void> write_whole(const std::string& wanted, const std::string& format, std::uint32_t mode,
                         const std::function<void(std::ostream&)>& write) {
  std::error_code failure;
  const std::string path = target_of_link(wanted);
  const auto kind = std::filesystem::status(path, failure).type();
  if (kind == std::filesystem::file_type::directory) return cannot_write(wanted, EISDIR);
  const bool in_place = is_written_in_place(kind);
  const std::string draft = in_place ? path : draft_of(path, format);
  if (!in_place)
    if (const int number = make_draft(draft, mode); number != 0) return cannot_write(wanted, number);
  errno = 0;
  std::ofstream file(draft, in_place ? std::ios::binary : std::ios::binary | std::ios::trunc);
  if (!file) {
    const int number = errno;
    if (!in_place) remove_draft(draft);
    return cannot_write(wanted, number);
  }
  try {
    write(file);
  } catch (...) {
    if (!in_place) remove_draft(draft);
    throw;
  }
  file.flush();
  const bool written = file.good();
  const int number = errno != 0 ? errno : EIO;
  file.close();
  if (!written && !in_place) remove_draft(draft);
  if (!written) return cannot_write(wanted, number);
  if (in_place) return {};
  if (const int unnamed = publish_draft(draft, path); unnamed != 0) return cannot_write(wanted, unnamed);
  return {};
}

void add_format_option(CLI::App& command, std::string& format) {
  command
      .add_option("--format", format, "What standard output has: text, or any other format of --report, without a path")
      ->type_name("FORMAT");
}

Result<void> check_console_format(const std::string& format) {
  if (report::find_format(format) != nullptr) return {};
  const std::size_t equals = format.find('=');
  if (equals != std::string::npos && report::find_format(format.substr(0, equals)) != nullptr)
    return Error(Reason::rule_error,
                 fmt::format("--format is for standard output; a file is --report {}", visible(format)));
  const Result<ReportWish> wish = parse_report_wish(format);
  return wish ? Result<void>() : wish.error();
}

bool compares(const std::vector<ReportWish>& wishes) {
  return std::any_of(wishes.begin(), wishes.end(),
                     [](const ReportWish& wish) { return report::find_format(wish.format)->compares; });
}

bool digests(const std::vector<ReportWish>& wishes) {
  return std::any_of(wishes.begin(), wishes.end(),
                     [](const ReportWish& wish) { return report::find_format(wish.format)->digests; });
}

Result<void> write_report(const ReportWish& wish, const RunRecord& record) try {
  const report::Format& format = *report::find_format(wish.format);
  report::Style style;
  if (wish.to_stdout()) {
    style = style_of(STDOUT_FILENO);
    format.write(record, style, std::cout);
    std::cout.flush();
    if (!std::cout) return cannot_write("standard output", errno);
    return {};
  }
  style.width = default_width;
  if (format.inherit != nullptr && wish.to_file()) {
    std::ifstream replaced(wish.path, std::ios::binary);
    if (replaced) format.inherit(record, replaced, style);
  }
  const std::uint32_t mode = wish.mode.value_or(usual_mode(wish.format));
  return write_whole(wish.path, wish.format, mode, [&](std::ostream& out) { format.write(record, style, out); });
} catch (const std::runtime_error& fault) {  // the checks of the record could not be read back
  return Error(Reason::local_fault,
               fmt::format("{}: the report could not be written: {}",
                           wish.to_stdout() ? "standard output" : visible(wish.path), fault.what()));
}

Result<void> try_report_path(const ReportWish& wish) {
  if (wish.to_stdout()) return {};
  std::error_code failure;
  const std::string path = target_of_link(wish.path);
  const auto kind = std::filesystem::status(path, failure).type();
  if (kind == std::filesystem::file_type::directory) return cannot_write(wish.path, EISDIR);
  if (kind == std::filesystem::file_type::socket) return cannot_write(wish.path, ENXIO);
  if (is_written_in_place(kind) && kind != std::filesystem::file_type::none) {
    if (access(path.c_str(), W_OK) != 0) return cannot_write(wish.path, errno);
    return {};
  }
  const std::string draft = draft_of(path, wish.format);
  const int descriptor = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return cannot_write(wish.path, errno);
  close(descriptor);
  unlink(draft.c_str());
  return {};
}

Result<void> print_text(const RunRecord& record, bool to_stderr) {
  std::ostream& out = to_stderr ? std::cerr : std::cout;
  errno = 0;
  report::find_format("text")->write(record, style_of(to_stderr ? STDERR_FILENO : STDOUT_FILENO), out);
  out.flush();
  if (out || to_stderr) return {};
  return cannot_write("standard output", errno != 0 ? errno : EIO);
}

}  // namespace audit::cli
