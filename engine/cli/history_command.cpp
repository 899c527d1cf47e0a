#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/history_touched.hpp"
#include "cli/json_line.hpp"
#include "cli/source_options.hpp"
#include "cli/state_options.hpp"
#include "inventory/history_keys.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

struct HistoryOptions {
  std::string state;
  std::string run;
  std::string address;
  std::string at;
  std::string runs;
  std::string age;
  std::string size;
  bool pretend = false;
  bool json = false;
};

/// "1.4 MiB"
std::string size_of(std::uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, units.at(unit));
}

Value value_of(const store::RunRow& run) {
  Value::Object object{{"id", run.id},
                       {"inventory", run.inventory},
                       {"started", format_utc(run.started)},
                       {"state", run.state},
                       {"planned", static_cast<std::int64_t>(run.planned)},
                       {"counts", run.counts},
                       {"bytes", static_cast<std::int64_t>(run.bytes)},
                       {"pinned", run.pinned}};
  if (run.finished) object["finished"] = format_utc(*run.finished);
  if (!run.stopped_by.empty()) object["stopped_by"] = run.stopped_by;
  return object;
}

int fail(const Error& error) {
  std::cerr << "audit history: " << error.message << '\n';
  return exit_code_of_reading(error);
}

int cannot_write(const Error& error) {
  const int code = fail(error);
  return code == exit_usage ? code : exit_report;
}

void print_row(const store::RunRow& run) {
  std::string state = run.state;
  if (run.state == "stopped") state += " by " + run.stopped_by;
  if (run.pinned) state += ", pinned";
  fmt::print("{}  {}  {:<22} {:>9}  {}{}\n", visible(run.id), format_utc(run.started).substr(0, 19), visible(state),
             size_of(run.bytes), visible(run.inventory), run.counts.empty() ? "" : "\n    " + visible(run.counts));
}

int list(const HistoryOptions& options) {
  const Result<store::History> history = store::History::open(options.state);
  if (!history) return fail(history.error());
  const Result<std::vector<store::RunRow>> runs = history->runs();
  if (!runs) return fail(runs.error());
  for (const store::RunRow& run : *runs) {
    if (options.json)
      print_line(value_of(run));
    else
      print_row(run);
  }
  if (runs->empty()) std::cerr << "audit history: no run has been kept yet\n";
  return exit_complete;
}

Value value_of(const store::Notification& told) {
  return Value::Object{{"notifier", told.notifier},
                       {"condition", told.condition},
                       {"attempts", static_cast<std::int64_t>(told.attempts)},
                       {"delivered", told.delivered},
                       {"message", told.message}};
}

void print_notification(const store::Notification& told) {
  fmt::print("    {} {} ({}), after {}{}\n", told.delivered ? "told" : "NOT TOLD:", visible(told.notifier),
             visible(told.condition), counted(told.attempts, "attempt"),
             told.message.empty() ? "" : ": " + visible(told.message));
}

int show(const HistoryOptions& options) {
  const Result<store::History> history = store::History::open(options.state);
  if (!history) return fail(history.error());
  const Result<store::RunRow> run = history->find(options.run);
  if (!run) return fail(run.error());
  const Result<store::RunStart> start = history->start_of(*run);
  if (!start) return fail(start.error());
  const Result<std::vector<store::Notification>> notifications = history->notifications(*run);
  if (!notifications) return fail(notifications.error());
  if (options.json) {
    Value::Object object = *value_of(*run).get_if<Value::Object>();
    Value::Object made_of;
    for (const auto& [what, digest] : start->made_of) made_of[what] = digest;
    object["made_of"] = std::move(made_of);
    object["seed"] = static_cast<std::int64_t>(start->seed);
    Value::Array told;
    for (const store::Notification& one : *notifications) told.push_back(value_of(one));
    object["notifications"] = std::move(told);
    print_line(object);
    return exit_complete;
  }
  print_row(*run);
  if (run->finished) fmt::print("    finished {}\n", format_utc(*run->finished));
  fmt::print("    seed {}, {}\n", start->seed, counted(start->rules.size(), "rule"));
  for (const auto& [what, digest] : start->made_of)
    if (!digest.empty()) fmt::print("    {}: {}\n", visible(what), visible(digest));
  for (const store::Notification& told : *notifications) print_notification(told);
  return exit_complete;
}

int pin(const HistoryOptions& options, bool pinned) {
  Result<store::History> history = store::History::open(options.state, store::Access::write);
  if (!history) return cannot_write(history.error());
  const Result<store::RunRow> run = history->find(options.run);
  if (!run) return fail(run.error());
  if (Result<void> done = history->pin(*run, pinned); !done) return cannot_write(done.error());
  fmt::print("{} {}\n", visible(run->id), pinned ? "is pinned: it is kept" : "is no longer pinned");
  return exit_complete;
}

/// False, and a message, where a bound is none.
bool read_retention(const HistoryOptions& options, store::Retention& retention) {
  const auto wrong = [](const char* option, const char* wanted, const std::string& text) {
    std::cerr << "audit history prune: " << option << " takes " << wanted << ", not `" << visible(text) << "`\n";
    return false;
  };
  if (!options.runs.empty()) {
    std::uint64_t count = 0;
    const char* end = options.runs.data() + options.runs.size();
    const auto [rest, failure] = std::from_chars(options.runs.data(), end, count);
    if (failure != std::errc{} || rest != end || count == 0) return wrong("--runs", "a number from 1", options.runs);
    retention.runs = count;
  }
  if (!options.age.empty()) {
    retention.age = parse_duration(options.age);
    if (!retention.age) return wrong("--age", "a duration such as 90d", options.age);
  }
  if (!options.size.empty()) {
    retention.bytes = inventory::parse_size(options.size);
    if (!retention.bytes) return wrong("--size", "a size such as 500MiB or 2GiB", options.size);
  }
  if (retention.runs || retention.age || retention.bytes) return true;
  std::cerr << "audit history prune: say what to keep: --runs 100, --age 90d, --size 2GiB, or several\n";
  return false;
}

int prune(const HistoryOptions& options) {
  store::Retention retention;
  if (!read_retention(options, retention)) return exit_usage;
  Result<store::History> history = store::History::open(options.state, store::Access::write);
  if (!history) return cannot_write(history.error());
  const WallTime now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const Result<std::vector<store::RunRow>> gone = history->prune(retention, now, options.pretend);
  if (!gone) return cannot_write(gone.error());
  for (const store::RunRow& run : *gone) {
    if (options.json)
      print_line(value_of(run));
    else
      fmt::print("{} {}\n", visible(run.id), options.pretend ? "would be removed" : "was removed");
  }
  if (gone->empty())
    std::cerr << "audit history: nothing is beyond these bounds; pinned runs and the last complete one "
                 "of each scope are always kept\n";
  return exit_complete;
}

int check(const HistoryOptions& options) {
  const Result<store::History> history = store::History::open(options.state);
  if (!history) return fail(history.error());
  const Result<std::vector<std::string>> wrong = history->check();
  if (!wrong) return fail(wrong.error());
  for (const std::string& one : *wrong) fmt::print("{}\n", visible(one));
  if (!wrong->empty()) return exit_config;
  fmt::print("every record of {} can be read\n", counted(history->runs()->size(), "run"));
  return exit_complete;
}

using Work = int (*)(const HistoryOptions&);

CLI::App* add(CLI::App& history, const char* name, const char* help, const std::shared_ptr<HistoryOptions>& options,
              int& code, Work work) {
  CLI::App* command = history.add_subcommand(name, help);
  command->callback(
      [options, &code, work] { code = need_state("history", options->state) ? work(*options) : exit_usage; });
  return command;
}

}  // namespace

void add_history(CLI::App& program, int& code) {
  CLI::App* history = program.add_subcommand("history", "Past runs: lists, shows, keeps, prunes and checks them");
  const auto options = std::make_shared<HistoryOptions>();
  add_state_option(*history, options->state);
  add_json_option(*history, options->json);
  history->fallthrough();
  history->require_subcommand(0, 1);
  add(*history, "list", "Every run, the newest first (the default)", options, code, list);
  CLI::App* shown = add(*history, "show", "What a run was made of", options, code, show);
  CLI::App* pinned = add(*history, "pin", "Keep a run whatever the retention says", options, code,
                         [](const HistoryOptions& given) { return pin(given, true); });
  CLI::App* unpinned = add(*history, "unpin", "Leave a run to the retention again", options, code,
                           [](const HistoryOptions& given) { return pin(given, false); });
  for (CLI::App* command : {shown, pinned, unpinned})
    command->add_option("RUN", options->run, "Its id, a beginning of it, last, or last~1")->required();
  CLI::App* pruned = add(*history, "prune", "Remove the runs beyond the bounds that are given", options, code, prune);
  pruned->add_option("--runs", options->runs, "At most so many of each inventory")->type_name("N");
  pruned->add_option("--age", options->age, "None that began longer ago: 90d")->type_name("DURATION");
  pruned->add_option("--size", options->size, "So much of all together: 2GiB")->type_name("SIZE");
  pruned->add_flag("--dry-run", options->pretend, "Only say what would be removed");
  add(*history, "check", "Read every record of every run; say which cannot be read", options, code, check);
  CLI::App* touched =
      add(*history, "touched", "What was sent to an address: when, from where, and for which rule", options, code,
          [](const HistoryOptions& given) { return list_touched(given.state, given.address, given.at, given.json); });
  touched->add_option("ADDRESS", options->address, "An IPv4 or IPv6 address")->required();
  touched->add_option("--at", options->at, "Only what was sent within a minute of this time: 2026-11-20T22:04:05Z")
      ->type_name("TIME");
  history->footer(
      "Exit codes: 0 done; 64 usage, or no such run; 73 the history cannot be written; 78 it cannot be read.\n\n"
      "Example: audit history --state /var/lib/audit");
  history->callback([history, options, &code] {
    if (!history->get_subcommands().empty()) return;
    code = need_state("history", options->state) ? list(*options) : exit_usage;
  });
}

}  // namespace audit::cli
