#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "base/reason.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "base/value.hpp"

namespace audit {

/// What one probe saw, recorded by the engine, not by the rule. Immutable once made; shared by the checks that asked.
struct Observation {
  std::string probe;     // the primitive's word: "port", "banner", "http", …
  std::string endpoint;  // "tcp/10.0.0.1:23", or the name that a lookup asked for
  Reason reason = Reason::observed;
  std::string message;  // what went wrong, where the probe could not answer
  WallTime time{};
  Duration elapsed{};
  std::string local;   // our end of the conversation, where there was one
  std::string remote;  // the peer's
  std::uint32_t attempts = 1;
  Value fields;  // what was seen, by the names that Lua uses; bytes capped

  /// Was anything of the peer seen, an answer or a spent set of attempts? Never true for faults of our own.
  [[nodiscard]] bool saw_something() const noexcept;
};

/// How a check ends that meets this reason without a verdict: `error` where it could not be carried through,
/// `not_reviewed` where it was not tried.
[[nodiscard]] Status status_of(Reason reason) noexcept;

using ObservationPtr = std::shared_ptr<const Observation>;

/// One piece of evidence: an observation, with the word the rule gave it, or a plain value a rule attached.
struct Evidence {
  std::string label;  // "" where only the engine recorded it
  ObservationPtr observation;
  Value note;  // used where `observation` is null
};

/// One result of a check (a "finding" where it fails).
struct Finding {
  std::string endpoint;  // "tcp/10.0.0.1:23", "" where the result is about the whole target
  std::string key;       // tells results of one check apart, stable over re-wording
  Status status = Status::not_reviewed;
  Reason reason = Reason::stopped;
  Severity severity = Severity::info;
  std::string message;
  std::vector<Evidence> evidence;
  std::string waiver = {};  // the id of the one that covers it; its status stays what it is
};

/// One rule on one target, ended. Has at least one result; status, reason and message are those of the foremost.
struct Check {
  std::string rule;
  std::string target;
  std::uint32_t rule_ordinal = 0;
  std::uint64_t target_ordinal = 0;
  std::vector<Finding> results;
  std::uint32_t observations_dropped = 0;  // recorded past the cap of one check: counted, not kept

  [[nodiscard]] const Finding& foremost() const;
  [[nodiscard]] Status status() const { return foremost().status; }
};

/// One port of one address, as the sweep left it.
struct PortRecord {
  Endpoint endpoint;
  Reason state =
      Reason::filtered;  // open, closed, filtered; local_fault, stopped or unreachable where it was not asked
  std::string message;
};

enum class TargetKind : std::uint8_t { listed, candidate };
enum class TargetLife : std::uint8_t { alive, silent, unresolved, unknown };

[[nodiscard]] std::string_view name_of(TargetKind kind) noexcept;
[[nodiscard]] std::string_view name_of(TargetLife life) noexcept;

/// One target, as the run found it.
struct TargetRecord {
  std::string id;
  std::uint64_t ordinal = 0;
  TargetKind kind = TargetKind::listed;
  TargetLife life = TargetLife::unknown;
  std::string life_message;  // how it showed life, or why it did not
  std::vector<std::string> names;
  std::vector<IpAddress> addresses;
  std::vector<std::string> tags;
  std::vector<std::string> groups;
  std::string owner;
  std::string zone;                  // "" where it is in none
  std::string criticality;           // critical, high, medium or low; "" where nobody said
  std::string file;                  // of the inventory or a source, whose entry it comes from; "" where it was typed
  std::uint32_t line = 0;            // of the entry, from 1; 0 where there is no file
  std::vector<PortRecord> ports;     // open ones, and others worth a row; the rest is counted
  std::uint64_t ports_closed = 0;    // how many were asked and refused
  std::uint64_t ports_filtered = 0;  // asked, every attempt spent, no answer
  std::uint64_t ports_unasked = 0;   // local faults, what the run's end cut off, and the rest of a host that seems dead
};

/// What a report says of a rule.
struct RuleRecord {
  std::string id;
  std::string title;
  Severity severity = Severity::info;
  Safety safety = Safety::normal;
  std::vector<std::string> tags;
  std::string rationale;
  std::string remediation;
  std::vector<std::string> references;
  TransportPorts ports;
  std::string file;    // relative to the rules folder; "built in" for the engine's own
  std::string sha256;  // of the file's bytes
};

}  // namespace audit
