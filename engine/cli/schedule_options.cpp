#include "cli/schedule_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/paths.hpp"
#include "cli/report_files.hpp"
#include "cli/schedule_engine.hpp"
#include "cli/schedule_run_words.hpp"
#include "cli/setup.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

bool complain(const std::string& text) {
  std::cerr << "audit schedule install: " << text << '\n';
  return false;
}

bool take(Result<Calendar> parsed, Calendar& calendar) {
  if (!parsed) return complain(parsed.error().message);
  calendar = std::move(*parsed);
  return true;
}

bool read_calendar(const ScheduleOptions& options, Calendar& calendar) {
  const int named = static_cast<int>(options.hourly) + static_cast<int>(!options.daily.empty()) +
                    static_cast<int>(!options.weekly.empty()) + static_cast<int>(!options.on_calendar.empty());
  if (named != 1) return complain("say when: exactly one of --hourly, --daily, --weekly and --on-calendar");
  if (!options.daily.empty()) return take(parse_daily(options.daily), calendar);
  if (!options.weekly.empty()) return take(parse_weekly(options.weekly.front(), options.weekly.back()), calendar);
  calendar.every = options.hourly ? Calendar::Every::hour : Calendar::Every::expression;
  calendar.expression = options.on_calendar;
  if (options.hourly) return true;
  if (visible(options.on_calendar) != options.on_calendar)
    return complain(fmt::format("--on-calendar `{}` is no calendar event", visible(options.on_calendar)));
  if (const Result<void> known = check_on_calendar(options.on_calendar); !known)
    return complain("--on-calendar: " + known.error().message);
  return true;
}

bool read_jitter(const ScheduleOptions& options, const Calendar& calendar, Duration& jitter) {
  if (options.jitter.empty()) return true;
  const auto parsed = parse_duration(options.jitter);
  if (!parsed)
    return complain(fmt::format("--jitter takes a duration such as 30m or 2h, not `{}`", visible(options.jitter)));
  if (const auto most = period(calendar); most && *parsed >= *most)
    return complain(fmt::format("--jitter {} is not less than the time between two runs", options.jitter));
  jitter = *parsed;
  return true;
}

std::string usual_state(bool user) {
  if (!user) return "/var/lib/audit";
  const char* state = std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe): no thread yet
  if (state != nullptr && *state == '/') return std::string(state) + "/audit";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  return std::string(home != nullptr ? home : "") + "/.local/state/audit";
}

/// --report FORMAT=PATH with the path absolute; its folder has to be there.
bool read_report(const std::string& text, bool may_write, ScheduledJob& job) {
  Result<ReportWish> wish = parse_report_wish(text);
  if (!wish) return complain(wish.error().message);
  if (wish->to_stdout())
    return complain(
        fmt::format("--report {0}: give it a path, {0}=PATH: what a scheduled run prints goes to the journal "
                    "of systemd, or into cron's mail, and is the run's text already",
                    wish->format));
  wish->path = whole_path(wish->path);
  const std::string folder = fs::path(wish->path).parent_path().string();
  std::error_code failure;
  if (!fs::is_directory(folder, failure))
    return complain(fmt::format("--report {}: there is no folder {}", visible(text), visible(folder)));
  if (may_write)
    if (const Result<void> tried = try_report_path(*wish); !tried) return complain(tried.error().message);
  job.reports.push_back(folder);
  job.command.insert(job.command.end(), {"--report", fmt::format("{}={}", wish->format, wish->path)});
  return true;
}

bool read_more(const ScheduleOptions& options, RunWords& run, ScheduledJob& job, Sources& sources) {
  if (const Result<void> parsed = run.parse(job.inventory, options.more); !parsed)
    return complain("after --, options of a run: " + parsed.error().message);
  bool good = true;
  for (const std::string& unfit : run.unfit()) good = complain("after --, " + unfit);
  sources.rules = run.values("--rules");
  for (std::string& path : sources.rules) path = whole_rules(path);
  for (const std::string& one : run.values("--select")) sources.select = one;
  sources.limit = run.values("--limit");
  sources.allow_empty = run.has("--allow-empty");
  sources.allow_commands = run.has("--allow-commands");
  if (!run.has("--on-overlap")) job.command.insert(job.command.end(), {"--on-overlap", "skip"});
  for (std::string& word : whole_words(options.more)) job.command.push_back(std::move(word));
  job.runs_commands = sources.allow_commands;
  return good;
}

/// Everything that the run reads, as far as the inventory says it.
void gather_paths(const inventory::Inventory& inventory, const Sources& sources, ScheduledJob& job) {
  std::vector<std::string>& paths = job.paths;
  paths = {job.command.front(), job.inventory, job.state, shipped_folder("rules"), shipped_folder("scripts")};
  paths.insert(paths.end(), job.reports.begin(), job.reports.end());
  for (const std::string& path : sources.rules) paths.push_back(path.starts_with('+') ? path.substr(1) : path);
  for (const inventory::FileRecord& file : inventory.files) paths.push_back(whole_path(file.path));
  for (const SourceRecord& source : inventory.sources)
    if (!source.path.empty()) paths.push_back(whole_path(source.path));
  for (const inventory::CredentialSource& source : inventory.credentials)
    if (!source.file.empty())
      paths.push_back(whole_path((fs::path(source.place.file).parent_path() / source.file).string()));
}

/// What a run by hand has, and one that an engine starts has not.
void warn(const inventory::Inventory& inventory, const ScheduledJob& job) {
  for (const inventory::CredentialSource& source : inventory.credentials)
    if (!source.env.empty())
      std::cerr << "Note: credential " << visible(source.name) << " comes from the environment variable "
                << visible(source.env) << ", which a scheduled run has only where you give it one (systemctl edit "
                << job.name << ".service, EnvironmentFile=); a file or a command is there for both\n";
}

std::string own_program() {
  std::error_code failure;
  return fs::read_symlink("/proc/self/exe", failure).string();
}

}  // namespace

std::optional<ScheduledJob> make_job(const ScheduleOptions& options, int& code) {
  code = exit_usage;
  ScheduledJob job;
  job.inventory = whole_path(options.inventory);
  job.name = job_name(options.inventory);
  job.user = options.user;
  job.state = whole_path(options.state.empty() ? usual_state(options.user) : options.state);
  job.command = {own_program(), "run", job.inventory, "--state", job.state, "--quiet"};
  bool good = options.inventory != "-" || complain("an inventory from standard input cannot be read again");
  good = read_calendar(options, job.calendar) && read_jitter(options, job.calendar, job.jitter) && good;
  for (const std::string& report : options.reports) good = read_report(report, !options.print, job) && good;
  Sources sources;
  sources.inventory = job.inventory;
  RunWords run;
  good = read_more(options, run, job, sources) && good;
  if (!good) return std::nullopt;
  const std::shared_ptr<inventory::Inventory> inventory = load_inventory(sources, code);
  if (!inventory) return std::nullopt;
  if (options.state.empty() && !inventory->history.state.empty()) {
    job.state = whole_path(inventory->history.state);
    *(std::find(job.command.begin(), job.command.end(), "--state") + 1) = job.state;
  }
  gather_paths(*inventory, sources, job);
  warn(*inventory, job);
  if (!prepare_plan(sources, inventory, code)) return std::nullopt;
  return job;
}

}  // namespace audit::cli
