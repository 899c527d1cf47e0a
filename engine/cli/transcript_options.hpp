#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "audit/plan.hpp"
#include "base/run_record.hpp"
#include "net/recording.hpp"
#include "probe/credentials.hpp"

namespace audit::cli {

/// --record FILE and --replay FILE, "" where they were not given.
struct TranscriptOptions {
  std::string record;
  std::string replay;
};

void add_transcript_options(CLI::App& command, TranscriptOptions& options);
/// Not both, and no file that is there already; false (and a message) otherwise.
[[nodiscard]] bool check_transcript_options(const TranscriptOptions& options);

/// SHA-256 over what decides which questions are asked, but for the network: program, inventory, rules, libraries, seed.
[[nodiscard]] std::string digest_of(const core::Plan& plan);
/// Reads a transcript whole. Errors name the file, the byte, what is wrong and what to do.
[[nodiscard]] Result<std::unique_ptr<net::Recording>> load_recording(const std::string& path);
/// The secrets in all their forms, in the order of the names that `shapes` has; asterisks where one is not here.
[[nodiscard]] std::vector<std::string> forms_for(const std::map<std::string, std::string>& shapes,
                                                 const probe::Credentials& credentials);

/// What a report says of a recorded run: of its start and end, and from where it looked.
[[nodiscard]] net::RunEnd describe_end(const RunRecord& record);
/// Puts that into a replay's record; where the plan is another than the recorded one, a notice says so.
void adopt_recorded(RunRecord& record, const net::Recording& recording, const std::string& path, bool same_plan);

}  // namespace audit::cli
