#include "bench.hpp"

#include <fmt/format.h>

namespace audit::lua {

IpAddress address(std::string_view text) { return *parse_address(text); }

Endpoint tcp(std::string_view text, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address = address(text);
  endpoint.port = port;
  return endpoint;
}

std::shared_ptr<Rule> rule_of_file(std::string source, const std::string& id) {
  auto rule = std::make_shared<Rule>();
  rule->record.id = id;
  rule->record.title = id;
  rule->record.severity = Severity::medium;
  rule->requires_nothing = true;
  rule->path = "rules/" + id + ".lua";
  rule->source = std::move(source);
  return rule;
}

std::shared_ptr<Rule> rule_of(std::string_view body, const std::string& id) {
  return rule_of_file(fmt::format("return rule {{ check = function(target, endpoint)\n{}\nend }}\n", body), id);
}

Bench::Bench(std::vector<std::shared_ptr<Rule>> rules, const Budget& budget) : budget_(budget) {
  for (auto& rule : rules) set_.rules.push_back(std::move(rule));
  subject.id = "10.0.0.1";
  subject.address = "10.0.0.1";
  subject.addresses = {"10.0.0.1"};
  world.host(address("10.0.0.1"));
}

Bench::Bench(std::string_view body, const Budget& budget)
    : Bench(std::vector<std::shared_ptr<Rule>>{rule_of(body)}, budget) {}

void Bench::port(std::uint16_t number, std::vector<net::ScriptStep> steps, net::PortEvent event) {
  net::ScriptedPort behaviour;
  behaviour.event = event;
  behaviour.steps = std::move(steps);
  world.port(tcp("10.0.0.1", number), std::move(behaviour));
}

void Bench::open() {
  if (machine_) return;
  set_.modules = modules;
  machine_ = std::make_unique<Machine>(set_, budget_);
  machine_->supervise(supervision);
  services_ = std::make_unique<probe::Services>(world, rate, resolver, identity);
  std::vector<IpAddress> hosts;
  for (const std::string& text : subject.addresses) hosts.push_back(address(text));
  target_ = std::make_unique<probe::Target>(*services_, subject.id, subject.names.empty() ? "" : subject.names.front(),
                                            net::Permit(hosts, never), probe::TargetLimits());
}

Outcome Bench::run(std::size_t rule, std::optional<Endpoint> endpoint) {
  open();
  std::optional<Outcome> outcome;
  asio::co_spawn(world.io(), machine_->run(rule, subject, params, *target_, audit::never, endpoint),
                 [&](const std::exception_ptr& failure, Outcome result) {
                   REQUIRE_FALSE(failure);
                   outcome = std::move(result);
                 });
  world.run();
  REQUIRE(outcome);
  return *std::move(outcome);
}

std::vector<Outcome> Bench::run_together(const std::vector<std::size_t>& rules) {
  open();
  std::vector<Outcome> outcomes(rules.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < rules.size(); ++i)
    asio::co_spawn(world.io(), machine_->run(rules[i], subject, params, *target_, audit::never, std::nullopt),
                   [&, i](const std::exception_ptr& failure, Outcome result) {
                     REQUIRE_FALSE(failure);
                     outcomes[i] = std::move(result);
                     ++done;
                   });
  world.run();
  REQUIRE(done == rules.size());
  return outcomes;
}

std::size_t Bench::sent(std::uint16_t number, std::string_view bytes) const {
  std::size_t count = 0;
  for (const auto& sent : world.sent())
    if (sent.to.port == number && sent.bytes == bytes) ++count;
  return count;
}

Outcome run_once(std::string_view body, const Budget& budget) {
  Bench bench(body, budget);
  bench.port(22, {net::ScriptStep::say("hello\n"), net::ScriptStep::hang()});
  return bench.run();
}

std::string ended(const Outcome& outcome) {
  const Finding& finding = outcome.finding;
  std::string text(name_of(finding.status));
  if (finding.reason != Reason::observed) text += fmt::format(" {}", name_of(finding.reason));
  return text;
}

std::string said(std::string_view body) {
  const Outcome outcome = run_once(body);
  if (outcome.finding.status == Status::informational) return outcome.finding.message;
  return ended(outcome) + ": " + outcome.finding.message;
}

}  // namespace audit::lua
