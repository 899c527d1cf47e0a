#include "trial/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "audit/gathering.hpp"
#include "audit/run_checks.hpp"
#include "audit/target_run.hpp"
#include "inventory/load.hpp"
#include "net/replaying_world.hpp"
#include "proto/hosts_file.hpp"
#include "trial/peers.hpp"
#include "trial/zone.hpp"

namespace audit::trial {
namespace {

constexpr std::uint32_t checks_live = 16;

}  // namespace

Stage::Stage(const lua::RuleSet& rules, std::shared_ptr<const lua::Rule> rule, std::vector<Subject> subjects)
    : subjects_(std::move(subjects)) {
  std::vector<std::string> targets;
  for (const Subject& subject : subjects_)
    targets.push_back(subject.name.empty() ? subject.addresses.front() : subject.name);
  inventory::Loaded loaded = inventory::from_targets(targets);
  if (!loaded.inventory || loaded.inventory->entries.size() != subjects_.size()) {
    trouble_ = !loaded.mistakes.empty() ? loaded.mistakes.front().message : "two of its targets are one and the same";
    return;
  }
  auto inventory = std::make_shared<inventory::Inventory>(*std::move(loaded.inventory));
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    const Subject& subject = subjects_[i];
    inventory::Entry& entry = inventory->entries[i];
    auto settings = std::make_shared<inventory::Settings>(*entry.settings);
    settings->tags = subject.tags;
    settings->groups = subject.groups;
    settings->owner = subject.owner;
    settings->assume_up = subject.assume_up;
    settings->safety = Safety::intrusive;
    settings->intrusive_allowed = true;
    if (!subject.params.empty()) settings->params[rule->record.id] = subject.params;
    entry.settings = std::move(settings);
  }
  lua::RuleSet alone;
  alone.rules.push_back(rule);
  alone.modules = rules.modules;
  core::PlanResult planned = core::make_plan(inventory, std::move(alone), rule->record.id, 1);
  if (!planned.plan) {
    trouble_ = planned.mistakes.empty() ? "the rule cannot be planned" : planned.mistakes.front();
    return;
  }
  plan_ = std::move(planned.plan);
  auto credentials = std::make_shared<probe::Credentials>();
  Grant everywhere;  // whom a real one is for, its inventory says
  everywhere.cleartext = true;
  everywhere.unverified = true;
  for (const Subject& subject : subjects_)
    for (const auto& [name, secret] : subject.credentials) credentials->add(name, secret, everywhere);
  identity_.credentials = std::move(credentials);
  machine_ = std::make_unique<lua::Machine>(plan_->rule_set, lua::Budget());
}

Stage::~Stage() = default;

/// One target after the other; then, of a rule about the whole run, what it says of all.
awaitable<Check> Stage::audit_all(net::World& world, probe::Services& services) {
  net::Semaphore live(world.deadlines(), checks_live);
  core::Gathering gathering;
  std::vector<Check> checks;
  for (std::uint64_t position = 0; position < plan_->expansion->size(); ++position) {
    const inventory::Member member = plan_->expansion->at(position);
    core::TargetRun target(*plan_, services, *machine_, live, member);
    core::TargetMessage message = co_await target.execute();
    gathering.take(message);
    std::move(message.checks.begin(), message.checks.end(), std::back_inserter(checks));
  }
  if (!plan_->run_rules().empty()) {
    const std::vector<LeftOut> nothing_left_out;
    core::RunMessage message = co_await core::judge_run(*plan_, services, *machine_, gathering, nothing_left_out);
    checks = std::move(message.checks);
  }
  co_return checks.empty() ? Check() : std::move(checks.front());
}

void Stage::run(net::World& world, const net::ResolverConfig& resolver, Seen& seen) {
  probe::Services services(world, rate_, resolver, identity_);
  std::exception_ptr failure;
  seen.began = world.now();
  asio::co_spawn(world.io(), audit_all(world, services), [&](const std::exception_ptr& thrown, Check check) {
    failure = thrown;
    if (!thrown) seen.check = std::move(check);
  });
  world.run();
  if (failure) std::rethrow_exception(failure);
  if (seen.check.results.empty() && seen.trouble.empty())
    seen.trouble = "the rule was not asked: the target came to no check";
}

Seen Stage::play(const Case& scripted, lua::TestFile* functions) {
  Seen seen;
  asio::io_context io(1);
  net::ScriptedWorld world(io);
  Zone zone = scripted.zone;
  std::string hosts;
  for (const Subject& subject : subjects_) {
    if (subject.name.empty()) continue;
    if (!subject.in_hosts_file) add_addresses(zone, subject.name, subject.addresses);
    for (const std::string& address : subject.addresses)
      if (subject.in_hosts_file) hosts += fmt::format("{} {}\n", address, subject.name);
  }
  net::ResolverConfig resolver;
  resolver.use_system = !hosts.empty();
  if (!hosts.empty()) resolver.hosts = std::make_shared<const proto::HostsFile>(hosts);
  resolver.servers = {name_server()};
  Troubles troubles;
  set_scene(world, scripted, zone, functions, troubles);
  run(world, resolver, seen);
  seen.said = world.said();
  if (!troubles.text.empty()) seen.trouble = troubles.text;
  return seen;
}

Seen Stage::replay(net::Recording& recording) {
  Seen seen;
  std::vector<std::string> forms;
  for (const auto& [name, shape] : recording.start().credentials)
    for (std::string& form : probe::forms_of(shape)) forms.push_back(std::move(form));
  if (const Result<void> restored = recording.restore(forms); !restored) {
    seen.trouble = restored.error().message;
    return seen;
  }
  asio::io_context io(1);
  net::ReplayingWorld world(io, recording);
  net::SystemNames names;
  names.resolv_conf = recording.start().resolv_conf;
  names.hosts = recording.start().hosts;
  const net::ResolverConfig resolver = net::ResolverConfig::of_system(names);
  run(world, resolver, seen);
  return seen;
}

}  // namespace audit::trial
