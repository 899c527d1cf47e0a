#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/not_asked.hpp"
#include "base/model.hpp"
#include "base/probe_counters.hpp"
#include "inventory/expansion.hpp"
#include "lua/collection.hpp"
#include "net/resolver.hpp"
#include "probe/answer_cache.hpp"
#include "probe/discovery.hpp"

namespace audit::core {

/// How a member of the inventory ended.
enum class Fate : std::uint8_t {
  target,    // it was audited: record and checks hold
  dark,      // a candidate that gave no sign of life
  excluded,  // by address or name, before or after resolution
  unasked,   // a candidate that the run's end left unasked
};

/// What a run-scope rule collected of one target: something, or nothing; and why not all of it was seen.
struct CollectedMessage {
  std::uint32_t rule_ordinal = 0;
  lua::CollectedTarget target;
  std::optional<Error> missing;
};

/// What was heard of the echoes that a plan asks of a target besides; none of a fault of this machine.
struct Echoes {
  std::uint32_t sent = 0;
  std::uint32_t received = 0;
  Duration least{};
  Duration most{};
  Duration sum{};

  void add(Duration round_trip);
};

/// What a name led to when it was asked for the first time: so it is for the whole run.
struct Resolution {
  std::string name;
  Result<net::Resolved> answer = Error();
};

/// What the sweep of a target found, once it had ended.
struct SweptMessage {
  WallTime time{};
  std::vector<std::pair<IpAddress, probe::HostPorts>> hosts;
  probe::Discovery discovery;
  std::vector<std::string> tarpits;
  std::vector<probe::Lively> lively;
};

/// What came of a member that is still open since the last such message, so that a run which dies goes on there: several
/// together are what has ended. The member's TargetMessage says all of it again. Without waivers.
struct PartMessage {
  inventory::Member member;  // without an entry: it is of the run itself, and has resolutions alone
  std::vector<Resolution> resolutions;
  std::optional<SweptMessage> swept;
  std::vector<probe::Lively> lively;        // who has shown life since the sweep
  std::vector<Check> checks;                // that have ended
  std::vector<CollectedMessage> collected;  // by rules of the run that have ended here
  std::vector<probe::KeptAnswer> answers;   // for rules that ask the same
  ProbeCounters counted;                    // by the shard, since the last message of it
};

/// All that came of one member, in one message: what was planned for it, and a check for each.
struct TargetMessage {
  Fate fate = Fate::target;
  inventory::Member member;
  std::uint32_t planned = 0;
  TargetRecord record;
  std::vector<Check> checks;
  std::vector<CollectedMessage> collected;    // for each run-scope rule that was asked of it
  std::vector<NotAsked> not_asked;            // the plan's rules that were kept from it
  std::vector<IpAddress> excluded_addresses;  // of a name, by the scope's excludes
  std::vector<std::string> notices;
  std::string message;    // for excluded: what took it out
  Echoes echoes;          // where the plan asks for them
  ProbeCounters counted;  // by the shard, since the last message of it
};

/// The checks that are about the whole run, their target `*`, and how many were planned.
struct RunMessage {
  std::uint32_t planned = 0;
  std::vector<Check> checks;
};

/// Who takes the results. Called from every shard's thread, one member at a time each; must be thread-safe.
class Sink {
 public:
  virtual ~Sink() = default;
  /// May take out of the message what it keeps, but for `collected`, which the run still needs.
  virtual void deliver(TargetMessage& message) = 0;
  /// Does it want to know of members that stay open for long? Constant while the run goes on.
  [[nodiscard]] virtual bool wants_parts() const { return false; }
  virtual void deliver_part(PartMessage& /*part*/) {}
  /// Once, after the last member; nothing is lost where no rule has scope = "run".
  virtual void conclude(RunMessage /*message*/) {}
};

}  // namespace audit::core
