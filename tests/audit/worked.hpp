#pragma once

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/target_run.hpp"
#include "audit/worker.hpp"
#include "inventory/load.hpp"
#include "net/scripted_world.hpp"

namespace audit::core {

/// Keeps every message.
class Keeper final : public Sink {
 public:
  void deliver(TargetMessage& message) override {
    messages.push_back(message);
    messages.back().collected.clear();  // the gathering takes it
  }
  void conclude(RunMessage message) override { of_run.push_back(std::move(message)); }
  std::vector<TargetMessage> messages;
  std::vector<RunMessage> of_run;
};

/// How a rule of a test declares itself, besides its check.
struct RuleMake {
  std::string ports;  // "22", "22,80-81"; "" where it requires nothing
  std::string body;   // between `function(target, endpoint)` and `end`
  bool endpoint = false;
  Status absent = Status::not_applicable;
  Safety safety = Safety::normal;
  Severity severity = Severity::medium;
  std::vector<std::string> tags;
  std::string collect;  // makes it a rule of the whole run: between `function(target)` and `end`; the body has `run`
};

[[nodiscard]] std::shared_ptr<lua::Rule> make_rule(const std::string& id, const RuleMake& make);
[[nodiscard]] std::shared_ptr<inventory::Inventory> inventory_of(std::string_view text);
[[nodiscard]] std::unique_ptr<Plan> plan_of(std::string_view inventory, std::vector<std::shared_ptr<lua::Rule>> rules,
                                            const std::string& select = "", std::uint64_t seed = 1);

/// One run of a plan over a scripted world, all in this thread; what is left after a stop is delivered as unreached.
class Worked {
 public:
  explicit Worked(std::unique_ptr<Plan> plan_in);
  Worked(std::string_view inventory, std::vector<std::shared_ptr<lua::Rule>> rules)
      : Worked(plan_of(inventory, std::move(rules))) {}
  void run();
  /// The only check of a rule; the target may be left out where there is one.
  [[nodiscard]] const Check& check(std::string_view rule, std::string_view target = {}) const;
  /// "fail open", "not_reviewed unreachable".
  [[nodiscard]] std::string status(std::string_view rule, std::string_view target = {}) const;
  [[nodiscard]] std::size_t count(Fate fate) const;
  void host(std::string_view address, net::PortEvent other = net::PortEvent::closed);
  void port(std::string_view address, std::uint16_t port, net::PortEvent event = net::PortEvent::open,
            std::vector<net::ScriptStep> steps = {});

  asio::io_context io{1};
  net::ScriptedWorld world{io};
  std::unique_ptr<Plan> plan;
  Keeper keeper;
  net::Rate rate{1e6};
  net::ResolverConfig resolver;
  probe::Identity identity;
  RunShared shared;
};

}  // namespace audit::core
