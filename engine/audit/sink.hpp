#pragma once

#include <string>
#include <vector>

#include "base/model.hpp"
#include "inventory/expansion.hpp"
#include "probe/counters.hpp"

namespace audit::core {

/// How a member of the inventory ended.
enum class Fate : std::uint8_t {
  target,    // it was audited: record and checks hold
  dark,      // a candidate that gave no sign of life
  excluded,  // by address or name, before or after resolution
  unasked,   // a candidate that the run's end left unasked
};

/// All that came of one member, in one message: what was planned for it, and a check for each.
struct TargetMessage {
  Fate fate = Fate::target;
  inventory::Member member;
  std::uint32_t planned = 0;
  TargetRecord record;
  std::vector<Check> checks;
  std::vector<IpAddress> excluded_addresses;  // of a name, by the scope's excludes
  std::vector<std::string> notices;
  std::string message;  // for excluded: what took it out
};

/// Who takes the results. Called from every shard's thread, one member at a time each; must be thread-safe.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void deliver(TargetMessage message) = 0;
};

}  // namespace audit::core
