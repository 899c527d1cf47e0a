#include "cli/run_head.hpp"

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/version.hpp"
#include "inventory/time_zone.hpp"
#include "net/random_seed.hpp"

namespace audit::cli {

std::string make_run_id(WallTime started) {
  std::string id;
  for (const char c : format_utc(started).substr(0, 19))
    if (c != '-' && c != ':') id += c;
  return fmt::format("{}-{:06x}", id, net::random_seed() & 0xffffffU);
}

WallTime wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

void describe_start(RunRecord& record, WallTime started) {
  record.tool.version = version;
  record.run.id = make_run_id(started);
  record.run.started = started;
}

void describe_finish(RunRecord& record, const std::string& stopped_by, const std::string& zone) {
  record.run.finished = wall_now();
  record.run.stopped_by = stopped_by;
  record.run.complete = stopped_by.empty();
  const inventory::ZoneTime started = inventory::local_time(zone, record.run.started);
  record.run.local = {started.zone, started.ahead, inventory::local_time(zone, record.run.finished).ahead};
}

std::string repeated_by(const std::vector<std::string>& arguments, const Scrubber& scrubber) {
  std::vector<std::string> words{"audit"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (std::string& word : words) (void)scrubber.scrub(word);
  return command_line(words);
}

}  // namespace audit::cli
