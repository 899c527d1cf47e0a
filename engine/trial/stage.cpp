#include "trial/stage.hpp"

#include <fmt/format.h>

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

Stage::Stage(const lua::RuleSet& rules, std::shared_ptr<const lua::Rule> rule, const Subject& subject)
    : subject_(subject) {
  const std::string target = subject.name.empty() ? subject.addresses.front() : subject.name;
  inventory::Loaded loaded = inventory::from_targets({target});
  if (!loaded.inventory) {
    trouble_ = loaded.mistakes.empty() ? target + " cannot be a target" : loaded.mistakes.front().message;
    return;
  }
  auto inventory = std::make_shared<inventory::Inventory>(*std::move(loaded.inventory));
  for (inventory::Entry& entry : inventory->entries) {
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
  for (const auto& [name, secret] : subject.credentials) credentials->add(name, secret, {});
  identity_.credentials = std::move(credentials);
  machine_ = std::make_unique<lua::Machine>(plan_->rule_set, lua::Budget());
}

Stage::~Stage() = default;

void Stage::run(net::World& world, const net::ResolverConfig& resolver, Seen& seen) {
  probe::Services services(world, rate_, resolver, identity_);
  net::Semaphore live(world.deadlines(), checks_live);
  const inventory::Member member = plan_->expansion->at(0);
  core::TargetRun target(*plan_, services, *machine_, live, member);
  std::exception_ptr failure;
  seen.began = world.now();
  asio::co_spawn(world.io(), target.execute(), [&](const std::exception_ptr& thrown, core::TargetMessage message) {
    failure = thrown;
    if (!thrown && !message.checks.empty()) seen.check = std::move(message.checks.front());
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
  const bool here = subject_.in_hosts_file;
  if (!subject_.name.empty() && !here) add_addresses(zone, subject_.name, subject_.addresses);
  net::ResolverConfig resolver;
  resolver.use_system = here;
  if (here) {
    std::string hosts;
    for (const std::string& address : subject_.addresses) hosts += fmt::format("{} {}\n", address, subject_.name);
    resolver.hosts = std::make_shared<const proto::HostsFile>(hosts);
  }
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
