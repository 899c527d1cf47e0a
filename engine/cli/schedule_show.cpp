#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/schedule_engine.hpp"
#include "cli/schedule_verbs.hpp"

namespace audit::cli {
namespace {

using Engines = std::vector<std::unique_ptr<ScheduleEngine>>;

/// Where schedules may be: the system's, the user's own, or both.
Engines engines_at(bool system, bool user, const std::string& root) {
  Engines engines;
  if (system) {
    engines.push_back(systemd_engine({false, root}));
    engines.push_back(cron_folder_engine({false, root}));
  }
  if (user && root.empty()) {
    engines.push_back(systemd_engine({true, ""}));
    engines.push_back(crontab_engine());
  }
  return engines;
}

/// Is this what `show` or `remove` was given: a path of the inventory, or the name that `show` prints?
bool is_meant(const InstalledJob& job, const std::string& wanted) {
  return job.name == wanted || job.name == job_name(wanted);
}

void print_job(const InstalledJob& job) {
  fmt::print("{}\n  inventory  {}\n  when       {}\n  next run   {}\n  engine     {}\n", visible(job.name),
             visible(job.head.inventory), visible(job.head.when), job.next.empty() ? "not known" : visible(job.next),
             job.engine);
  for (const std::string& file : job.files) fmt::print("  file       {}\n", visible(file));
}

void print_job_json(const InstalledJob& job) {
  Value::Object row;
  row["name"] = Value(job.name);
  row["inventory"] = Value(job.head.inventory);
  row["when"] = Value(job.head.when);
  row["next"] = job.next.empty() ? Value() : Value(job.next);
  row["engine"] = Value(job.engine);
  Value::Array files;
  for (const std::string& file : job.files) files.emplace_back(file);
  row["files"] = Value(std::move(files));
  print_line(Value(std::move(row)));
}

}  // namespace

int show_schedules(const std::string& wanted, const std::string& root, bool json) {
  bool good = true;
  std::size_t shown = 0;
  for (const auto& engine : engines_at(true, true, root)) {
    const Result<std::vector<InstalledJob>> jobs = engine->list();
    if (!jobs) {
      std::cerr << "audit schedule show: " << jobs.error().message << '\n';
      good = false;
      continue;
    }
    for (const InstalledJob& job : *jobs) {
      if (!wanted.empty() && !is_meant(job, wanted)) continue;
      json ? print_job_json(job) : print_job(job);
      ++shown;
    }
  }
  if (!good) return exit_report;
  if (shown > 0) return exit_complete;
  std::cerr << (wanted.empty() ? std::string("nothing is scheduled") : visible(wanted) + " is not scheduled") << '\n';
  return wanted.empty() ? exit_complete : exit_findings;
}

int remove_schedule(const std::string& wanted, const std::string& root, bool user) {
  const bool also_own = user || geteuid() != 0;  // without root, cron's lines are one's own anyhow
  std::size_t done = 0;
  for (const auto& engine : engines_at(!user, also_own, root)) {
    const bool name =
        wanted.starts_with("audit-") && wanted.find('/') == std::string::npos && wanted.find('.') == std::string::npos;
    const Result<std::vector<std::string>> lines = engine->remove(name ? wanted : job_name(wanted));
    if (!lines) {
      std::cerr << "audit schedule remove: " << lines.error().message << '\n';
      return exit_report;
    }
    for (const std::string& line : *lines) fmt::print("{}\n", line);
    done += lines->size();
  }
  if (done > 0) return exit_complete;
  std::cerr << visible(wanted) << " is not scheduled" << (user ? " for you" : "")
            << "; audit schedule show says what is\n";
  return exit_findings;
}

}  // namespace audit::cli
