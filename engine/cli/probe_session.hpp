#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inventory/expansion.hpp"
#include "net/kernel_world.hpp"
#include "probe/context.hpp"

namespace audit::cli {

/// Questions by hand: targets as the command line names them, asked one primitive over the real network.
class ProbeSession {
 public:
  /// Runs on every host of the targets, a bounded number at once, each in its own coroutine.
  using Asker = std::function<awaitable<void>(probe::Target&)>;
  /// Hears of a target that could not be asked at all.
  using Refusal = std::function<void(const std::string& target, const Error& error)>;

  /// `resolver` is a server to ask in place of the system's, or nothing; `trace` what --trace says.
  ProbeSession(const std::optional<Endpoint>& resolver, const std::string& trace);
  ~ProbeSession();

  /// At the TCP ports that are named, of which printers' may be: no redirect leads to those. False, with messages on standard
  /// error, where a target is none. A session that is not aimed asks once, of nobody: only the resolvers can be asked then.
  [[nodiscard]] bool aim(const std::vector<std::string>& targets, const PortSet& ports = {});
  /// Is it one host, or a name? Then silence and closed ports are worth a line each.
  [[nodiscard]] bool single() const;
  void run(const Asker& ask, const Refusal& refuse, double rate, const probe::TargetLimits& limits);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace audit::cli
