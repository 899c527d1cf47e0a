#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "cli/schedule_engine.hpp"
#include "cli/schedule_files.hpp"
#include "cli/schedule_unit.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}

std::string unit_folder(const SchedulePlace& place) {
  if (!place.user) return place.root + "/etc/systemd/system";
  const char* configuration = std::getenv("XDG_CONFIG_HOME");  // NOLINT(concurrency-mt-unsafe): no thread yet
  if (configuration != nullptr && *configuration == '/') return std::string(configuration) + "/systemd/user";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  return std::string(home != nullptr ? home : "") + "/.config/systemd/user";
}

/// What follows a word at the start of a line, without blanks.
std::string value_after(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word);
  if (at == std::string::npos) return {};
  const std::size_t begin = text.find_first_not_of(' ', at + word.size());
  return begin == std::string::npos ? std::string() : text.substr(begin, text.find('\n', begin) - begin);
}

class SystemdEngine final : public ScheduleEngine {
 public:
  explicit SystemdEngine(const SchedulePlace& place)
      : place_(place), folder_(unit_folder(place)), running_(place.root.empty() && is_folder("/run/systemd/system")) {}

  [[nodiscard]] Result<std::vector<ScheduleText>> write(const ScheduledJob& job) const override {
    const Result<std::string> service = service_unit(job);
    if (!service) return service.error();
    return std::vector<ScheduleText>{{path_of(job.name, ".service"), *service},
                                     {path_of(job.name, ".timer"), timer_unit(job)}};
  }

  [[nodiscard]] Result<std::vector<std::string>> install(const ScheduledJob& job) override {
    const Result<std::vector<ScheduleText>> units = write(job);
    if (!units) return units.error();
    for (const ScheduleText& unit : *units)
      if (const Result<void> checked = check_ours(unit.place); !checked) return checked.error();
    std::vector<std::string> done;
    for (const ScheduleText& unit : *units) {
      if (const Result<void> written = write_ours(unit.place, unit.text); !written) return written.error();
      done.push_back("wrote " + visible(unit.place));
    }
    const std::string timer = job.name + ".timer";
    std::vector<std::vector<std::string>> steps{{"enable", timer}};
    if (running_) steps = {{"daemon-reload"}, {"enable", timer}, {"restart", timer}};
    for (const std::vector<std::string>& step : steps)
      if (const Result<std::string> said = systemctl(step); !said) return said.error();
    done.push_back(fmt::format("enabled {}{}", timer, running_ ? " and started it" : "; it begins when systemd does"));
    return done;
  }

  [[nodiscard]] Result<std::vector<InstalledJob>> list() override {
    std::vector<InstalledJob> jobs;
    for (const std::string& path : list_ours(folder_, ".timer")) {
      const std::string text = read_ours(path);
      InstalledJob job;
      job.name = fs::path(path).stem().string();
      job.head = *parse_head(text);
      job.engine = place_.user ? "systemd --user" : "systemd";
      job.files = {path_of(job.name, ".service"), path};
      job.next = next_of(job.name + ".timer", value_after(text, "\nOnCalendar="));
      jobs.push_back(std::move(job));
    }
    return jobs;
  }

  [[nodiscard]] Result<std::vector<std::string>> remove(const std::string& name) override {
    const std::string timer = path_of(name, ".timer");
    const std::string service = path_of(name, ".service");
    for (const std::string& path : {timer, service})
      if (const Result<void> checked = check_ours(path); !checked) return checked.error();
    std::vector<std::string> done;
    if (!read_ours(timer).empty()) {
      std::vector<std::string> step{"disable", name + ".timer"};
      if (running_) step.insert(step.begin() + 1, "--now");
      if (const Result<std::string> said = systemctl(step); !said) return said.error();
      done.push_back(fmt::format("disabled {}.timer{}", name, running_ ? " and stopped it" : ""));
    }
    for (const std::string& path : {timer, service}) {
      const Result<bool> removed = remove_ours(path);
      if (!removed) return removed.error();
      if (*removed) done.push_back("removed " + visible(path));
    }
    if (running_ && !done.empty())
      if (const Result<std::string> said = systemctl({"daemon-reload"}); !said) return said.error();
    return done;
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& name, const char* ending) const {
    return fmt::format("{}/{}{}", folder_, name, ending);
  }

  [[nodiscard]] Result<std::string> systemctl(const std::vector<std::string>& words) const {
    std::vector<std::string> command{"systemctl", "--quiet", "--no-ask-password"};
    if (place_.user) command.emplace_back("--user");
    if (!place_.root.empty()) command.push_back("--root=" + place_.root);
    command.insert(command.end(), words.begin(), words.end());
    return ask_system(command);
  }

  /// As the timer has it, with its random delay; where none runs, as its expression has it.
  [[nodiscard]] std::string next_of(const std::string& timer, const std::string& expression) const {
    if (running_) {
      const Result<std::string> said = systemctl({"show", "--value", "--property=NextElapseUSecRealtime", timer});
      if (said) return said->substr(0, said->find('\n'));
    }
    const Result<std::string> said = ask_system({"systemd-analyze", "calendar", "--", expression});
    return said ? value_after(*said, "Next elapse:") : std::string();
  }

  SchedulePlace place_;
  std::string folder_;
  bool running_;
};

}  // namespace

std::unique_ptr<ScheduleEngine> systemd_engine(const SchedulePlace& place) {
  return std::make_unique<SystemdEngine>(place);
}

bool has_systemd(const std::string& root) {
  if (root.empty()) return is_folder("/run/systemd/system");  // sd_booted(3)
  std::error_code failure;
  return fs::exists(root + "/usr/lib/systemd/systemd", failure) || fs::exists(root + "/lib/systemd/systemd", failure);
}

Result<void> check_on_calendar(const std::string& expression) {
  const Result<std::string> there = ask_system({"systemd-analyze", "--version"});
  if (!there) return {};
  const Result<std::string> said = ask_system({"systemd-analyze", "calendar", "--", expression});
  if (!said) return said.error();
  return {};
}

}  // namespace audit::cli
