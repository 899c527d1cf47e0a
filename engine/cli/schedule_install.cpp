#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/schedule_engine.hpp"
#include "cli/schedule_verbs.hpp"

namespace audit::cli {
namespace {

int fail(const std::string& text) {
  std::cerr << "audit schedule install: " << text << '\n';
  return exit_report;
}

/// Systemd where it runs, else cron; without root, cron's lines can only be one's own.
std::unique_ptr<ScheduleEngine> choose_engine(ScheduleOptions& options) {
  const bool systemd = options.engine == "auto" ? has_systemd(options.root) : options.engine == "systemd";
  if (systemd) return systemd_engine({options.user, options.root});
  if (geteuid() != 0 && options.root.empty()) options.user = true;
  return options.user ? crontab_engine() : cron_folder_engine({false, options.root});
}

int print(const ScheduleEngine& engine, const ScheduledJob& job) {
  const Result<std::vector<ScheduleText>> texts = engine.write(job);
  if (!texts) return fail(texts.error().message);
  for (std::size_t i = 0; i < texts->size(); ++i)
    fmt::print("{}# {}\n{}", i == 0 ? "" : "\n", visible((*texts)[i].place), (*texts)[i].text);
  return exit_complete;
}

/// The state folder, which a unit that may write to it wants to be there.
bool make_state(const ScheduleOptions& options, const std::string& state) {
  std::error_code failure;
  const std::string path = options.root + state;
  if (std::filesystem::is_directory(path, failure)) return true;
  std::filesystem::create_directories(path, failure);
  if (!failure) return chmod(path.c_str(), S_IRWXU) == 0;
  std::cerr << "audit schedule install: " << visible(path) << " cannot be made: " << failure.message() << '\n';
  return false;
}

}  // namespace

int install_schedule(ScheduleOptions options) {
  if (!options.root.empty()) options.root = whole_path(options.root);
  if (!options.root.empty() && options.user) {
    std::cerr << "audit schedule install: --root is another system's tree, --user is you on this one: not both\n";
    return exit_usage;
  }
  const std::unique_ptr<ScheduleEngine> engine = choose_engine(options);
  if (!options.user && !options.print && options.root.empty() && geteuid() != 0)
    return fail("the system's timers are root's; --user makes it one of yours");
  int code = exit_usage;
  const std::optional<ScheduledJob> job = make_job(options, code);
  if (!job) return code;
  if (options.print) return print(*engine, *job);
  if (const Result<std::vector<ScheduleText>> texts = engine->write(*job); !texts) return fail(texts.error().message);
  if (!make_state(options, job->state)) return exit_report;
  const Result<std::vector<std::string>> done = engine->install(*job);
  if (!done) return fail(done.error().message);
  for (const std::string& line : *done) fmt::print("{}\n", line);
  const Result<std::vector<InstalledJob>> jobs = engine->list();
  if (!jobs) return fail(jobs.error().message);
  for (const InstalledJob& one : *jobs)
    if (one.name == job->name && !one.next.empty()) fmt::print("next run: {}\n", visible(one.next));
  if (options.user && has_systemd(""))
    std::cerr << "Note: your timers run while you are logged in; `loginctl enable-linger` has them run always\n";
  return exit_complete;
}

}  // namespace audit::cli
