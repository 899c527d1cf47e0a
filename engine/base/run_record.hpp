#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/assessment.hpp"
#include "base/attestation.hpp"
#include "base/block.hpp"
#include "base/check_list.hpp"
#include "base/controls.hpp"
#include "base/left_out.hpp"
#include "base/model.hpp"
#include "base/probe_counters.hpp"
#include "base/run_diff.hpp"
#include "base/waiver.hpp"

namespace audit {

/// The counts of a run; they sum to what was planned (law 1).
struct Summary {
  std::uint64_t planned = 0;
  std::array<std::uint64_t, status_count> checks{};             // by Status
  std::array<std::uint64_t, status_count> results{};            // the results within the checks, by Status
  std::array<std::uint64_t, severity_count> failures{};         // failed results by severity, waived ones too
  std::uint64_t waived = 0;                                     // failed results that carry a waiver
  std::array<std::uint64_t, severity_count> waived_failures{};  // the same by severity
  std::uint64_t waived_unseen = 0;  // not_reviewed checks whose every not_reviewed result carries one
  std::uint64_t targets = 0;
  std::uint64_t dark = 0;      // candidates that gave no sign of life
  std::uint64_t excluded = 0;  // addresses and names that the scope's excludes took out
  ProbeCounters probes;        // of a run that was resumed, all that is known to have been sent

  void count(const Check& check);
  [[nodiscard]] std::uint64_t of(Status status) const { return checks[static_cast<std::size_t>(status)]; }
  /// pass / (pass + fail + error + not_reviewed); 0 where nothing could count.
  [[nodiscard]] double score() const;
  /// (planned - error - not_reviewed) / planned; 0 where nothing was planned.
  [[nodiscard]] double coverage() const;
  /// As coverage, the checks of hosts that are known to be away taken as seen: what the exit code goes by.
  [[nodiscard]] double accepted_coverage() const;
};

/// Addresses that an entry of the inventory covers and that are not targets: silent or excluded.
struct AddressList {
  std::string source;  // the entry or the exclude, as the inventory writes it
  std::vector<AddressBlock> blocks;
  std::vector<std::string> names;
  std::uint64_t count = 0;
};

/// Where targets came from besides the inventory: a file or a command's standard output.
struct SourceRecord {
  std::string kind;                  // text, csv, ansible or netbox
  std::string path;                  // of the file, or
  std::vector<std::string> command;  // program and arguments
  WallTime time{};                   // when the file was last changed, or the command was run
  std::string sha256;                // of the bytes
  std::uint64_t targets = 0;         // that it names
};

/// A source that is a command, as the targets it named: a run that is resumed goes on with these and runs it no more.
struct ExpandedSource {
  SourceRecord record;
  std::string targets;  // as inventory/expanded_source writes them; nothing else of what was printed
};

/// An earlier run of the same scope, as a trend shows it.
struct PastRun {
  std::string id;
  WallTime started{};
  std::uint64_t planned = 0;
  std::array<std::uint64_t, status_count> checks{};  // by Status
};

/// A run, ended, with everything any report format needs (law 6). Writers have this and nothing else.
struct RunRecord {
  struct {
    std::string name = "audit";
    std::string version;
  } tool;
  struct {
    std::string id;
    WallTime started{};
    WallTime finished{};
    /// By the clocks of the inventory's time zone, or of the machine's where it names none.
    struct {
      std::string zone;                      // "Europe/Berlin", "CET"; "" where none is known
      std::chrono::minutes started_ahead{};  // of UTC
      std::chrono::minutes finished_ahead{};
    } local;
    bool complete = false;
    std::string stopped_by;  // "SIGINT", "SIGTERM", … where it was cut short
    std::uint64_t seed = 0;
    std::string command;
    std::string user;  // who ran it, as this machine names them
    struct {
      std::string host;
      std::vector<std::string> addresses;
      std::vector<std::string> resolvers;
    } vantage;
  } run;
  struct {
    std::string path;
    std::string sha256;
    std::string name;             // [audit] name
    std::string authorised_by;    // [audit] authorised_by
    std::string ssp;              // [audit] ssp: where the system security plan is
    std::string assessment_plan;  // [audit] assessment_plan: where the OSCAL assessment plan is
    struct File {
      std::string path;
      std::string sha256;
    };
    std::vector<File> files;  // that it consists of, the one the user named first; empty where there is none
    std::vector<SourceRecord> sources;
  } inventory;
  Summary summary;
  double require_coverage = 1.0;
  struct {
    Day day{};                     // on which the run started, by this time zone
    std::string timezone = "UTC";  // by which waivers and attestations are judged
  } dates;
  std::vector<WaiverRecord> waivers;  // in the order of the inventory
  std::vector<AttestationRecord> attestations;
  std::vector<RuleRecord> rules;                // the selected ones, by id
  Controls controls;                            // that they bear on
  std::vector<FrameworkAssessment> frameworks;  // what the run says of these controls: `assess_controls`
  std::vector<TargetRecord> targets;            // by ordinal
  CheckList checks;                             // by (target ordinal, rule ordinal)
  /// Since when its failures and errors have been seen, by `seen_key`: the start of the first run that had them, as the
  /// history knows it; empty where none is kept. What a run has was last seen at its start.
  std::map<std::string, WallTime> first_seen;
  std::optional<RunDiff> changes;  // since the last complete run of the same scope, or a baseline; where there is one
  std::vector<PastRun> past;  // complete runs of the same scope before it, the oldest first, as the history has them
  std::string digest;         // the root of its digest tree (report/digest), hex; "" where none was taken
  std::vector<AddressList> dark;
  std::vector<AddressList> excluded;
  std::map<std::uint16_t, std::string> services;  // names for TCP ports, the inventory's before the system's
  std::vector<LeftOut> left_out;                  // of the inventory: what the counts cannot show
  std::vector<std::string> notices;               // whatever was capped, skipped, merged or withheld, in words

  /// When a failure or an error of this run was seen for the first time; none where that is not known.
  [[nodiscard]] std::optional<WallTime> first_seen_of(const Check& check, const Finding& finding) const;
  /// Fills `frameworks` from the checks, their waivers and the attestations, once all of these are there.
  void assess_controls();
};

}  // namespace audit
