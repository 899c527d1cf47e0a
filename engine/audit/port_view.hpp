#pragma once

#include <optional>
#include <vector>

#include "base/model.hpp"
#include "probe/target.hpp"

namespace audit::core {

/// What the sweep tells of a set of ports, on every host of a target: the ground of all verdicts that need no Lua.
class PortView {
 public:
  explicit PortView(const probe::Target& target, WallTime time) : target_(target), time_(time) {}

  /// How the ports of one rule look, all hosts together.
  struct Tally {
    std::vector<Endpoint> open;
    std::uint64_t closed = 0;
    std::uint64_t filtered = 0;         // on hosts that answered something
    std::uint64_t filtered_silent = 0;  // on hosts that answered nothing: no answer about the port
    std::optional<Error> blind;         // the first port that could not be asked, and why
    std::uint64_t blind_count = 0;
    std::uint32_t most_attempts = 0;  // that any of them took

    [[nodiscard]] bool nothing_open_for_sure() const { return open.empty() && filtered_silent == 0 && !blind; }
  };
  [[nodiscard]] Tally tally(const PortSet& ports, const PortSet& never) const;
  /// The state of one port of one host; nothing where it was not swept.
  [[nodiscard]] const probe::PortState* state(const Endpoint& endpoint) const;
  /// Did this host answer anything?
  [[nodiscard]] bool alive(const IpAddress& host) const { return target_.alive(host); }

  /// One observation of one port.
  [[nodiscard]] Evidence port_evidence(const Endpoint& endpoint) const;
  /// One observation of the whole sweep of these ports: how many were closed, filtered, open.
  [[nodiscard]] Evidence sweep_evidence(const PortSet& ports, const Tally& tally) const;

  [[nodiscard]] const probe::Target& target() const noexcept { return target_; }

 private:
  const probe::Target& target_;
  WallTime time_;
};

/// A result that says why something was not seen, by the error that kept it from being seen.
[[nodiscard]] Finding blind_finding(const Error& error, Severity severity, std::string endpoint = {});

}  // namespace audit::core
