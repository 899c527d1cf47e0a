#include "cli/schedule_unit.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::cli {
namespace {

constexpr std::string_view var_lib = "/var/lib/";

// A finding (1) is what a run is for, and 143 is what it was asked for by `systemctl stop`. A run that saw less than the
// inventory requires (2, and 3 with findings) failed at what it is for: nobody may take its silence for good news, so
// the unit fails, as for 64, 70, 73, 75 and 78. What may be away belongs into a waiver or require_coverage.
constexpr std::string_view successes = "1 143";

// For seccomp alone no privilege is needed: what a user's manager can keep too.
constexpr std::string_view for_everybody = R"(NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0022
)";

constexpr std::string_view for_the_system = R"(ProtectSystem=strict
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
KeyringMode=private
RemoveIPC=yes
)";

bool any_below(const ScheduledJob& job, std::initializer_list<const char*> folders) {
  return std::any_of(job.paths.begin(), job.paths.end(), [&](const std::string& path) {
    return std::any_of(folders.begin(), folders.end(), [&](const char* folder) { return is_below(path, folder); });
  });
}

/// A path that StateDirectory= takes as it stands.
bool is_state_directory(const std::string& path) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  return path.starts_with(var_lib) && path.size() > var_lib.size() &&
         path.find_first_not_of(plain) == std::string::npos;
}

/// Root's, without root's power over files: it reads what it is not allowed to, as an inventory in a home, and writes
/// only where it is. Where a folder for reports is somebody else's it needs more, within ReadWritePaths=.
std::string capabilities(const ScheduledJob& job) {
  const bool foreign = std::any_of(job.reports.begin(), job.reports.end(), [](const std::string& folder) {
    struct stat status {};
    return stat(folder.c_str(), &status) == 0 && status.st_uid != 0 && (status.st_mode & S_IWOTH) == 0;
  });
  return fmt::format("CapabilityBoundingSet=CAP_NET_RAW CAP_DAC_READ_SEARCH{}\nAmbientCapabilities=CAP_NET_RAW\n",
                     foreign ? " CAP_DAC_OVERRIDE" : "");
}

/// What is hidden of the homes and of /tmp, and what may be written.
Result<std::string> folders(const ScheduledJob& job) {
  std::string text = fmt::format(
      "ProtectHome={}\n", job.runs_commands || any_below(job, {"/home", "/root", "/run/user"}) ? "read-only" : "tmpfs");
  text += any_below(job, {"/tmp", "/var/tmp"}) ? "# PrivateTmp=yes would hide what this run reads or writes there.\n"
                                               : "PrivateTmp=yes\n";
  std::vector<std::string> written = job.reports;
  if (is_state_directory(job.state))
    text += fmt::format("StateDirectory={}\nStateDirectoryMode=0700\n", job.state.substr(var_lib.size()));
  else
    written.push_back(job.state);
  std::sort(written.begin(), written.end());
  written.erase(std::unique(written.begin(), written.end()), written.end());
  for (const std::string& folder : written) {
    const Result<std::string> word = unit_word(folder);
    if (!word) return word.error();
    text += fmt::format("ReadWritePaths={}\n", *word);
  }
  return text;
}

/// A value that is one text to its end, as Description=.
std::string unit_text(const std::string& text) {
  std::string escaped;
  for (const char c : visible(text)) escaped += c == '%' ? "%%" : std::string(1, c);
  return escaped;
}

}  // namespace

Result<std::string> unit_word(const std::string& word) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint point = decode_utf8(std::string_view(word).substr(at));
    if (point.length == 0)
      return Error(Reason::local_fault, fmt::format("`{}` is not UTF-8, which a unit has to be", visible(word)));
    if (point.code < 0x20 || point.code == 0x7f)
      return Error(Reason::local_fault,
                   fmt::format("`{}` holds a control character, which a unit cannot carry", visible(word)));
    if (word[at] == '"' || word[at] == '\\') quoted += '\\';
    if (word[at] == '%') quoted += '%';
    quoted += word.substr(at, point.length);
    at += point.length;
  }
  return quoted + '"';
}

Result<std::string> service_unit(const ScheduledJob& job) {
  std::string command = ":";  // words with a $ in them stay as they are
  for (const std::string& one : job.command) {
    const Result<std::string> word = unit_word(one);
    if (!word) return word.error();
    command += (command.size() > 1 ? " " : "") + *word;
  }
  std::string text = head_of(job);
  text +=
      fmt::format("[Unit]\nDescription={}\nDocumentation=man:audit(1)\n", unit_text("Audit of " + job.inventory + "."));
  if (!job.user) text += "Wants=network-online.target\nAfter=network-online.target\n";
  text += fmt::format("\n[Service]\nType=oneshot\nExecStart={}\n", command);
  text +=
      "# Findings (1) are no failure of the unit; a run that saw too little (2, 3) is. 143 is an end that was asked "
      "for.\n";
  text += fmt::format("SuccessExitStatus={}\nKillMode=mixed\nTimeoutStopSec=2min\nLimitNOFILE=65536\n", successes);
  text += for_everybody;
  if (job.user) return text;
  const Result<std::string> seen = folders(job);
  if (!seen) return seen.error();
  text += for_the_system;
  return text + capabilities(job) + *seen;
}

std::string timer_unit(const ScheduledJob& job) {
  std::string text = head_of(job);
  text += fmt::format("[Unit]\nDescription={}\nDocumentation=man:audit(1)\n\n[Timer]\nOnCalendar={}\nPersistent=yes\n",
                      unit_text("When to audit " + job.inventory + "."), unit_text(on_calendar(job.calendar)));
  if (job.jitter > Duration::zero())
    text += fmt::format("RandomizedDelaySec={}s\nFixedRandomDelay=yes\n",
                        std::chrono::ceil<std::chrono::seconds>(job.jitter).count());
  return text + fmt::format("AccuracySec=1min\nUnit={}.service\n\n[Install]\nWantedBy=timers.target\n", job.name);
}

}  // namespace audit::cli
