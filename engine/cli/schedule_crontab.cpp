#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/child_program.hpp"
#include "base/text.hpp"
#include "cli/schedule_cron.hpp"
#include "cli/schedule_engine.hpp"
#include "cli/schedule_files.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_crontab = 1'000'000;

std::chrono::minutes delay_of(const ScheduledJob& job) {
  std::string host(HOST_NAME_MAX + 1, '\0');
  (void)gethostname(host.data(), host.size() - 1);
  host.resize(host.find('\0'));
  return fixed_delay(job.jitter, host, job.inventory);
}

InstalledJob installed(const std::string& name, const std::string& text, const char* engine) {
  InstalledJob job;
  job.name = name;
  if (auto head = parse_head(text)) job.head = std::move(*head);
  job.engine = engine;
  if (const auto time = time_of(text)) job.next = next_time(*time, std::time(nullptr));
  return job;
}

/// Files in /etc/cron.d; cron looks for what is new there each minute by itself.
class CronFolderEngine final : public ScheduleEngine {
 public:
  explicit CronFolderEngine(const SchedulePlace& place)
      : folder_(place.root + "/etc/cron.d"), here_(place.root.empty()) {}

  [[nodiscard]] Result<std::vector<ScheduleText>> write(const ScheduledJob& job) const override {
    const Result<std::string> text = cron_file(job, delay_of(job));
    if (!text) return text.error();
    return std::vector<ScheduleText>{{path_of(job.name), *text}};
  }
  [[nodiscard]] Result<std::vector<std::string>> install(const ScheduledJob& job) override {
    const Result<std::vector<ScheduleText>> files = write(job);
    if (!files) return files.error();
    std::error_code failure;
    if (here_ && !fs::is_directory(folder_, failure))
      return Error(Reason::local_fault,
                   fmt::format("there is no {}: neither systemd nor cron is here to start a run", folder_));
    const ScheduleText& file = files->front();
    if (const Result<void> written = write_ours(file.place, file.text); !written) return written.error();
    return std::vector<std::string>{"wrote " + visible(file.place)};
  }
  [[nodiscard]] Result<std::vector<InstalledJob>> list() override {
    std::vector<InstalledJob> jobs;
    for (const std::string& path : list_ours(folder_, "")) {
      jobs.push_back(installed(fs::path(path).filename().string(), read_ours(path), "cron"));
      jobs.back().files = {path};
    }
    return jobs;
  }
  [[nodiscard]] Result<std::vector<std::string>> remove(const std::string& name) override {
    const Result<bool> removed = remove_ours(path_of(name));
    if (!removed) return removed.error();
    return *removed ? std::vector<std::string>{"removed " + visible(path_of(name))} : std::vector<std::string>();
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return folder_ + '/' + name; }
  std::string folder_;
  bool here_;  // where cron should be running
};

/// A crontab has no lines where crontab(1) says so, and nowhere else: to take a failure for an empty one would lose it.
bool says_empty(const std::string& complaint) {
  return complaint.find("no crontab for") != std::string::npos ||
         (complaint.find("can't open") != std::string::npos && complaint.find("No such file") != std::string::npos);
}

/// Nothing where there is no crontab(1).
Result<std::optional<std::string>> read_crontab() {
  const ProgramLimits limits{std::chrono::seconds(30), longest_crontab, 4'096};
  ProgramEnd end = run_program({"crontab", "-l"}, "", limits);
  const bool exited = end.how == ProgramEnd::How::exited;
  if (exited && end.number == 0) return std::optional(std::move(end.output));
  if (exited && says_empty(end.complaint)) return std::optional(std::string());
  if (end.how == ProgramEnd::How::not_run) return std::optional<std::string>();
  return Error(Reason::local_fault, fmt::format("crontab -l cannot be read: {}", visible(end.complaint, 500)));
}

/// Hands a whole crontab to crontab(1), which looks whether it is good.
Result<void> write_crontab(const std::string& text) {
  std::error_code failure;
  std::string path = (fs::temp_directory_path(failure) / "audit-crontab-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) return Error(Reason::local_fault, "no temporary file for the crontab can be made");
  const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = close(file) == 0;
  Result<std::string> said =
      whole && closed ? ask_system({"crontab", path})
                      : Result<std::string>(Error(Reason::local_fault, "the crontab cannot be written down"));
  unlink(path.c_str());
  if (!said) return said.error();
  return {};
}

class CrontabEngine final : public ScheduleEngine {
 public:
  [[nodiscard]] Result<std::vector<ScheduleText>> write(const ScheduledJob& job) const override {
    const Result<std::string> block = cron_block(job, delay_of(job));
    if (!block) return block.error();
    return std::vector<ScheduleText>{{"in your crontab", *block}};
  }
  [[nodiscard]] Result<std::vector<std::string>> install(const ScheduledJob& job) override {
    const Result<std::vector<ScheduleText>> texts = write(job);
    if (!texts) return texts.error();
    const Result<std::optional<std::string>> before = read_crontab();
    if (!before) return before.error();
    if (!*before)
      return Error(Reason::local_fault, "crontab is not installed: there is no engine here that could start a run");
    if (const Result<void> put = replace(**before, job.name, texts->front().text); !put) return put.error();
    return std::vector<std::string>{fmt::format("wrote the lines of {} into your crontab", job.name)};
  }
  [[nodiscard]] Result<std::vector<InstalledJob>> list() override {
    const Result<std::optional<std::string>> crontab = read_crontab();
    if (!crontab) return crontab.error();
    std::vector<InstalledJob> jobs;
    for (const std::string& name : blocks_in(crontab->value_or("")))
      if (const std::string block = block_of(**crontab, name); parse_head(block))
        jobs.push_back(installed(name, block, "crontab"));
    return jobs;
  }
  [[nodiscard]] Result<std::vector<std::string>> remove(const std::string& name) override {
    const Result<std::optional<std::string>> before = read_crontab();
    if (!before) return before.error();
    if (!*before || (*before)->find(name) == std::string::npos) return std::vector<std::string>();
    const Result<std::string> after = with_block(**before, name, "");
    if (!after) return after.error();
    if (*after == **before) return std::vector<std::string>();
    if (const Result<void> put = write_crontab(*after); !put) return put.error();
    return std::vector<std::string>{fmt::format("removed the lines of {} from your crontab", name)};
  }

 private:
  static Result<void> replace(const std::string& before, const std::string& name, const std::string& block) {
    const Result<std::string> after = with_block(before, name, block);
    if (!after) return after.error();
    return write_crontab(*after);
  }
};

}  // namespace

std::unique_ptr<ScheduleEngine> cron_folder_engine(const SchedulePlace& place) {
  return std::make_unique<CronFolderEngine>(place);
}

std::unique_ptr<ScheduleEngine> crontab_engine() { return std::make_unique<CrontabEngine>(); }

Result<std::string> ask_system(const std::vector<std::string>& command) {
  const ProgramLimits limits{std::chrono::seconds(60), longest_crontab, 4'096};
  const ProgramEnd end = run_program(command, "", limits);
  if (end.how == ProgramEnd::How::exited && end.number == 0) return end.output;
  const std::string said = visible(end.complaint.substr(0, end.complaint.find_last_not_of('\n') + 1), 500);
  if (end.how == ProgramEnd::How::not_run)
    return Error(Reason::local_fault,
                 fmt::format("{} cannot be run: {}", command.front(), std::generic_category().message(end.number)));
  return Error(Reason::local_fault,
               fmt::format("{} failed: {}", command.front(), said.empty() ? "it does not say why" : said));
}

}  // namespace audit::cli
