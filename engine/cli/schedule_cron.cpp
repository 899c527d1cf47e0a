#include "cli/schedule_cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/text.hpp"
#include "cli/command_line.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t longest_command = 990;  // of Debian's cron; others have more
constexpr std::string_view first_of = "# BEGIN ";
constexpr std::string_view last_of = "# END ";

Error mistake(std::string text) { return {Reason::local_fault, std::move(text)}; }

/// The head, what the delay is, and the line; `user` is "root " in a file that needs one.
Result<std::string> lines_of(const ScheduledJob& job, std::chrono::minutes delay, std::string_view user) {
  if (job.calendar.every == Calendar::Every::expression)
    return mistake("--on-calendar is systemd's; for cron there are --hourly, --daily and --weekly");
  const Result<std::string> command = cron_command(job);
  if (!command) return command.error();
  std::string text = head_of(job);
  if (job.jitter > Duration::zero())
    text += fmt::format("# cron has no random delay: here it is always {} for this inventory\n",
                        counted(static_cast<std::uint64_t>(delay.count()), "minute"));
  return text + fmt::format("{} {}{}\n", format_cron(cron_time(job.calendar, delay)), user, *command);
}

/// Where a line that is exactly this begins, from `at` on; npos for nowhere.
std::size_t find_line(const std::string& text, const std::string& line, std::size_t at = 0) {
  for (at = text.find(line, at); at != std::string::npos; at = text.find(line, at + 1)) {
    const std::size_t end = at + line.size();
    if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) return at;
  }
  return std::string::npos;
}

std::string first_line(const std::string& name) { return std::string(first_of) + name; }
std::string last_line(const std::string& name) { return std::string(last_of) + name; }

}  // namespace

Result<std::string> cron_command(const ScheduledJob& job) {
  std::string command;
  for (const char c : command_line(job.command)) {
    if (c == '\\' || c == '\n' || c == '\r' || c == '\0')
      return mistake(fmt::format("a line of cron cannot carry {}: {}", c == '\\' ? "a backslash" : "a line end",
                                 visible(command_line(job.command))));
    if (c == '%') command += '\\';  // else it would be a line end
    command += c;
  }
  if (command.size() <= longest_command) return command;
  return mistake(fmt::format("the command is longer than the {} bytes that a line of cron may have: {}",
                             longest_command, visible(command)));
}

Result<std::string> cron_file(const ScheduledJob& job, std::chrono::minutes delay) {
  return lines_of(job, delay, "root ");
}

Result<std::string> cron_block(const ScheduledJob& job, std::chrono::minutes delay) {
  Result<std::string> lines = lines_of(job, delay, "");
  if (!lines) return lines;
  return fmt::format("{}\n{}{}\n", first_line(job.name), *lines, last_line(job.name));
}

std::vector<std::string> blocks_in(const std::string& crontab) {
  std::vector<std::string> names;
  std::istringstream lines(crontab);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(std::string(first_of) + "audit-")) names.push_back(line.substr(first_of.size()));
  return names;
}

std::string block_of(const std::string& crontab, const std::string& name) {
  const std::string first = first_line(name);
  const std::size_t begin = find_line(crontab, first);
  if (begin == std::string::npos) return {};
  const std::size_t from = std::min(begin + first.size() + 1, crontab.size());
  const std::size_t end = find_line(crontab, last_line(name), from);
  return end == std::string::npos ? std::string() : crontab.substr(from, end - from);
}

Result<std::string> with_block(const std::string& crontab, const std::string& name, const std::string& block) {
  const std::string first = first_line(name);
  const std::string last = last_line(name);
  const std::size_t begin = find_line(crontab, first);
  if (begin == std::string::npos) {
    const bool open = !crontab.empty() && crontab.back() != '\n' && !block.empty();
    return crontab + (open ? "\n" : "") + block;
  }
  const std::size_t end = find_line(crontab, last, begin);
  const std::string lines = block_of(crontab, name);
  const bool ours = end != std::string::npos && parse_head(lines) && lines.find(first_of) == std::string::npos;
  if (!ours || find_line(crontab, first, begin + 1) != std::string::npos)
    return mistake(fmt::format(
        "the crontab's lines from `{}` to `{}` are not as they were written; mend them with crontab -e", first, last));
  return crontab.substr(0, begin) + block + crontab.substr(std::min(end + last.size() + 1, crontab.size()));
}

std::optional<CronTime> time_of(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#'))
      if (const auto time = parse_cron(line)) return time;
  return std::nullopt;
}

}  // namespace audit::cli
