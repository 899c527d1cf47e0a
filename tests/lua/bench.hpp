#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lua/machine.hpp"
#include "net/scripted_world.hpp"
#include "probe/services.hpp"

namespace audit::lua {

/// A rule of which only the check matters: `body` is what stands between `function(target, endpoint)` and `end`. The body
/// begins on line 2.
[[nodiscard]] std::shared_ptr<Rule> rule_of(std::string_view body, const std::string& id = "test.rule");
/// A rule whose whole file is given.
[[nodiscard]] std::shared_ptr<Rule> rule_of_file(std::string source, const std::string& id = "test.rule");

/// A scripted network with one host, 10.0.0.1, and a machine that runs rules against it. Ports of the host that a test
/// does not declare are closed.
class Bench {
 public:
  explicit Bench(std::vector<std::shared_ptr<Rule>> rules, const Budget& budget = Budget());
  explicit Bench(std::string_view body, const Budget& budget = Budget());

  /// Runs rule number `rule` to its end.
  Outcome run(std::size_t rule = 0, std::optional<Endpoint> endpoint = std::nullopt);
  /// As `run` of all rules at once.
  std::vector<Outcome> run_together(const std::vector<std::size_t>& rules);
  /// Declares a TCP port of the host.
  void port(std::uint16_t number, std::vector<net::ScriptStep> steps = {}, net::PortEvent event = net::PortEvent::open);
  /// How often bytes, or a connect (""), were sent to a port.
  [[nodiscard]] std::size_t sent(std::uint16_t number, std::string_view bytes) const;
  [[nodiscard]] Machine& machine() { return *machine_; }

  asio::io_context io{1};
  net::ScriptedWorld world{io};
  net::ResolverConfig resolver;
  probe::Identity identity;
  net::Rate rate{1e6};
  Subject subject;
  Value::Object params;
  TransportPorts never;
  Supervision supervision;
  std::map<std::string, std::string> modules;

 private:
  void open();

  RuleSet set_;
  Budget budget_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<probe::Services> services_;
  std::unique_ptr<probe::Target> target_;
};

[[nodiscard]] IpAddress address(std::string_view text);
[[nodiscard]] Endpoint tcp(std::string_view text, std::uint16_t port);

/// Runs a body once against a fresh bench with port 22 open and saying "hello\n".
[[nodiscard]] Outcome run_once(std::string_view body, const Budget& budget = Budget());
/// "pass", or "error rule_error": status, and the reason where there is no verdict.
[[nodiscard]] std::string ended(const Outcome& outcome);
/// What a body's one `info(text)` says; a failed check's reason and message otherwise.
[[nodiscard]] std::string said(std::string_view body);

}  // namespace audit::lua
