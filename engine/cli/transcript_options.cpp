#include "cli/transcript_options.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "cli/version.hpp"
#include "proto/transcript_file.hpp"

namespace audit::cli {

void add_transcript_options(CLI::App& command, TranscriptOptions& options) {
  command
      .add_option("--record", options.record,
                  "Keep every probe in FILE, which must not be there yet: bytes, times, DNS; secrets are left out")
      ->type_name("FILE");
  command
      .add_option("--replay", options.replay, "Answer every probe from FILE, which --record wrote, and send nothing")
      ->type_name("FILE");
}

bool check_transcript_options(const TranscriptOptions& options) {
  if (!options.record.empty() && !options.replay.empty()) {
    std::cerr << "audit run: --record and --replay exclude each other: a replay asks nothing that could be recorded\n";
    return false;
  }
  std::error_code failure;
  if (!options.record.empty() && std::filesystem::exists(std::filesystem::symlink_status(options.record, failure))) {
    std::cerr << "audit run: --record " << visible(options.record)
              << ": there is such a file already; name another, or remove it\n";
    return false;
  }
  return true;
}

std::string digest_of(const core::Plan& plan) {
  std::string text = fmt::format("{}\n{}\n{}\n", version, plan.inventory->sha256, plan.seed);
  for (const SourceRecord& source : plan.inventory->sources) text += source.sha256 + '\n';
  for (const inventory::Entry& entry : plan.inventory->entries)  // --limit may have left a part
    text += entry.kind == inventory::Entry::Kind::name ? entry.name + '\n' : format_block(entry.block) + '\n';
  for (const core::PlannedRule& rule : plan.rules) text += fmt::format("{} {}\n", rule.record.id, rule.record.sha256);
  for (const auto& rule : plan.rule_set.rules)
    for (const auto& [name, source] : rule->modules)
      text += fmt::format("{} {} {}\n", rule->record.id, name, sha256_hex(source));
  for (const auto& [name, source] : plan.rule_set.modules) text += fmt::format("{} {}\n", name, sha256_hex(source));
  return sha256_hex(text);
}

Result<std::unique_ptr<net::Recording>> load_recording(const std::string& path) {
  using Step = proto::TranscriptReader::Step;
  const std::string shown = visible(path);
  const auto about_file = [&](const Error& error) { return Error(error.reason, shown + ": " + error.message); };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file)
    return Error(Reason::local_fault,
                 fmt::format("{}: the transcript cannot be read: {}", shown, std::generic_category().message(errno)));
  auto recording = std::make_unique<net::Recording>();
  proto::TranscriptReader reader;
  std::array<char, 65'536> buffer{};
  for (std::size_t got = 1; got > 0;) {
    errno = 0;
    got = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (got == 0 && std::ferror(file.get()) != 0)
      return Error(Reason::local_fault,
                   fmt::format("{}: the transcript cannot be read: {}", shown, std::generic_category().message(errno)));
    reader.feed(std::string_view(buffer.data(), got));
    Step step = reader.next();
    for (; step == Step::record; step = reader.next())
      if (Result<void> added = recording->add(reader.record()); !added) return about_file(added.error());
    if (step == Step::failed) return about_file(reader.error());
  }
  if (Result<void> whole = reader.finish(); !whole) return about_file(whole.error());
  if (Result<void> finished = recording->finish(); !finished) return about_file(finished.error());
  return recording;
}

std::vector<std::string> forms_for(const std::map<std::string, std::string>& shapes,
                                   const probe::Credentials& credentials) {
  const std::map<std::string, std::string> secrets = credentials.secrets();
  std::vector<std::string> forms;
  for (const auto& [name, shape] : shapes) {
    const auto known = secrets.find(name);
    const bool here = known != secrets.end() && probe::shape_of(known->second) == shape;
    for (std::string& form : probe::forms_of(here ? known->second : shape)) forms.push_back(std::move(form));
  }
  return forms;
}

net::RunEnd describe_end(const RunRecord& record) {
  net::RunEnd end;
  end.id = record.run.id;
  end.finished = record.run.finished;
  end.stopped_by = record.run.stopped_by;
  end.command = record.run.command;
  end.host = record.run.vantage.host;
  end.addresses = record.run.vantage.addresses;
  end.services = record.services;
  end.user = record.run.user;
  end.zone = record.run.local.zone;
  end.started_ahead = record.run.local.started_ahead;
  end.finished_ahead = record.run.local.finished_ahead;
  return end;
}

void adopt_recorded(RunRecord& record, const net::Recording& recording, const std::string& path, bool same_plan) {
  const net::RunStart& start = recording.start();
  const net::RunEnd& end = recording.end();
  record.run.id = end.id;
  record.run.started = start.started;
  record.run.finished = end.finished;
  record.run.vantage.host = end.host;
  record.run.vantage.addresses = end.addresses;
  record.run.user = end.user;
  record.run.local = {end.zone, std::chrono::floor<std::chrono::minutes>(end.started_ahead),
                      std::chrono::floor<std::chrono::minutes>(end.finished_ahead)};
  if (record.run.stopped_by.empty()) record.run.stopped_by = end.stopped_by;
  if (same_plan) {
    record.run.command = end.command;
    return;
  }
  record.notices.push_back(
      fmt::format("judged on what run {} of {} recorded with {} (audit {}), not on the network: {}", end.id,
                  format_utc(start.started),
                  record.inventory.sha256 == start.inventory ? "other rules or another selection" : "another inventory",
                  start.program, visible(path)));
}

}  // namespace audit::cli
