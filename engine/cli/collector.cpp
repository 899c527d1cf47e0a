#include "cli/collector.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <numeric>

#include "audit/attestations.hpp"
#include "audit/waivers.hpp"
#include "base/text.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t most_notices = 200;

/// The exclude that took an address of a name out, or the name, of which a group's guard did.
std::string excluded_by(const inventory::Scope& scope, const IpAddress& address, const inventory::Entry& name) {
  const IpAddress asked = canonical(address);
  for (const inventory::Exclude& exclude : scope.exclude)
    if (std::any_of(exclude.blocks.begin(), exclude.blocks.end(),
                    [&](const AddressBlock& block) { return block.contains(asked); }))
      return exclude.text;
  return fmt::format("addresses of {}", name.name);
}

/// By ordinal. They are large, so that their places are sorted, and each is moved once.
void sort_targets(std::vector<TargetRecord>& targets) {
  std::vector<std::size_t> from(targets.size());  // which of them belongs at a place
  std::iota(from.begin(), from.end(), std::size_t{0});
  std::sort(from.begin(), from.end(),
            [&](std::size_t a, std::size_t b) { return targets[a].ordinal < targets[b].ordinal; });
  for (std::size_t first = 0; first < from.size(); ++first) {
    if (from[first] == first) continue;
    TargetRecord held = std::move(targets[first]);
    std::size_t hole = first;
    for (std::size_t next = from[hole]; next != first; next = from[hole]) {
      targets[hole] = std::move(targets[next]);
      from[hole] = hole;
      hole = next;
    }
    targets[hole] = std::move(held);
    from[hole] = hole;
  }
}

}  // namespace

std::string system_service(std::uint16_t port) {
  servent entry{};
  servent* found = nullptr;
  std::array<char, 2'048> room{};
  if (getservbyport_r(htons(port), "tcp", &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return {};
  return found->s_name;
}

Collector::Collector(const core::Plan& plan, Day today, const Scrubber& scrubber,
                     std::function<std::string(std::uint16_t)> service)
    : plan_(plan), scrubber_(scrubber), service_(std::move(service)) {
  record_.dates = {today, plan.inventory->timezone};
  record_.waivers = core::judge_waivers(*plan.inventory, today);
  record_.attestations = core::judge_attestations(plan.inventory->attestations, today);
  for (const inventory::Exclude& exclude : plan.inventory->scope.exclude) excluded_.mention(exclude.text);
  describe_plan();
}

void Collector::introduce(const RunRecord& head) {
  record_.tool = head.tool;
  record_.run.id = head.run.id;
  record_.run.started = head.run.started;
  record_.run.command = head.run.command;
}

void Collector::tell(LiveLines* lines) {
  lines_ = lines;
  if (lines_ != nullptr) lines_->begin(record_);
}

void Collector::prepare(core::TargetMessage& message) {
  scrubber_.scrub(message.checks);
  for (std::string& notice : message.notices) (void)scrubber_.scrub(notice);
  if (message.fate != core::Fate::target) return;
  const std::lock_guard lock(mutex_);
  core::apply_waivers(plan_.inventory->waivers, &message.record, message.checks, record_.waivers);
}

void Collector::deliver(core::TargetMessage& message) {
  live_.members.fetch_add(1, std::memory_order_relaxed);
  prepare(message);
  if (keeper_ != nullptr) keeper_->keep(message);
  if (message.fate == core::Fate::target) checks_->add(message.checks);
  const std::lock_guard lock(mutex_);
  for (const std::string& notice : message.notices)
    if (notices_.size() < most_notices || notices_.contains(notice))
      ++notices_[notice];
    else
      ++dropped_notices_;
  for (const IpAddress& address : message.excluded_addresses)
    excluded_.add(excluded_by(plan_.inventory->scope, address, *message.member.entry), *message.member.entry, address);
  switch (message.fate) {
    case core::Fate::dark:
      dark_.add(message.member.entry->text, *message.member.entry, *message.member.address);
      return;
    case core::Fate::unasked: ++unasked_; return;
    case core::Fate::excluded:
      if (!message.excluded_addresses.empty()) return;
      if (message.member.address) {
        excluded_.add(message.message, *message.member.entry, *message.member.address);
      } else {
        excluded_.add_name(message.message, message.member.entry->name);
      }
      return;
    case core::Fate::target: break;
  }
  live_.targets.fetch_add(1, std::memory_order_relaxed);
  record_.summary.planned += message.planned;
  if (lines_ != nullptr) {
    name_ports(message.record);  // else at the end: the system may take its time over a name
    lines_->add(&message.record, message.checks, record_);
  }
  count(message.checks);
  record_.targets.push_back(std::move(message.record));
}

void Collector::conclude(core::RunMessage message) {
  scrubber_.scrub(message.checks);
  {
    const std::lock_guard lock(mutex_);
    core::apply_waivers(plan_.inventory->waivers, nullptr, message.checks, record_.waivers);
  }
  if (keeper_ != nullptr) keeper_->keep(message);
  checks_->add(message.checks);
  const std::lock_guard lock(mutex_);
  record_.summary.planned += message.planned;
  if (lines_ != nullptr) lines_->add(nullptr, message.checks, record_);
  count(message.checks);
}

void Collector::count(const std::vector<Check>& checks) {
  live_.checks.fetch_add(checks.size(), std::memory_order_relaxed);
  for (const Check& check : checks) {
    record_.summary.count(check);
    if (check.status() == Status::fail) live_.failures.fetch_add(1, std::memory_order_relaxed);
    if (check.status() == Status::error || check.status() == Status::not_reviewed)
      live_.unseen.fetch_add(1, std::memory_order_relaxed);
  }
}

void Collector::describe_plan() {
  const inventory::Inventory& inventory = *plan_.inventory;
  record_.inventory.path = inventory.path;
  record_.inventory.sha256 = inventory.sha256;
  record_.inventory.name = inventory.name;
  record_.inventory.authorised_by = inventory.authorised_by;
  record_.inventory.ssp = inventory.ssp;
  record_.inventory.assessment_plan = inventory.assessment_plan;
  for (const inventory::FileRecord& file : inventory.files) record_.inventory.files.push_back({file.path, file.sha256});
  record_.inventory.sources = inventory.sources;
  record_.require_coverage = inventory.require_coverage;
  record_.run.seed = plan_.seed;
  for (const core::PlannedRule& rule : plan_.rules) record_.rules.push_back(rule.record);
  record_.controls = plan_.rule_set.controls;
  record_.services = inventory.services;
  constexpr std::uint32_t most_named = 256;
  for (const core::PlannedRule& rule : plan_.rules)
    if (rule.record.ports.tcp.size() <= most_named)
      for (const std::uint16_t port : rule.record.ports.tcp.list()) name_port(port);
}

void Collector::name_ports(const TargetRecord& target) {
  for (const PortRecord& port : target.ports)
    if (port.state == Reason::open) name_port(port.endpoint.port);
}

void Collector::name_port(std::uint16_t port) {
  if (record_.services.contains(port) || nameless_.contains(port)) return;
  if (std::string name = service_(port); !name.empty())
    record_.services[port] = std::move(name);
  else
    nameless_.insert(port);
}

RunRecord Collector::finish(const core::RunOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  sort_targets(record_.targets);
  for (const TargetRecord& target : record_.targets) name_ports(target);
  checks_->seal();
  record_.checks = CheckList(std::shared_ptr<const KeptChecks>(checks_));
  record_.notices = plan_.notices;
  record_.notices.insert(record_.notices.end(), outcome.notices.begin(), outcome.notices.end());
  for (const auto& [notice, times] : notices_)
    record_.notices.push_back(times == 1 ? notice : fmt::format("{} ({} times)", notice, times));
  if (dropped_notices_ > 0)
    record_.notices.push_back(fmt::format("{} of targets left out: the first {} that differ are kept",
                                          counted(dropped_notices_, "notice"), most_notices));
  if (const std::uint64_t unasked = unasked_ + outcome.unasked; unasked > 0)
    record_.notices.push_back(
        fmt::format("{} not asked: the run was stopped first", counted(unasked, "candidate was", "candidates were")));
  record_.left_out = outcome.left_out;
  Summary& summary = record_.summary;
  summary.targets = record_.targets.size();
  summary.dark = dark_.count();
  summary.excluded = excluded_.count();
  summary.probes = outcome.counters;
  record_.dark = dark_.lists();
  record_.excluded = excluded_.lists();
  return std::move(record_);
}

}  // namespace audit::cli
