#include "cli/journal_part.hpp"

#include "audit/target_run.hpp"
#include "cli/journal_entry.hpp"

namespace audit::cli {
namespace {

using store::Part;
using store::SignOfLife;
using store::Sweep;
using store::SweptHost;
using store::SweptPorts;

Part::Resolution kept(const core::Resolution& resolution) {
  Part::Resolution kept;
  kept.name = resolution.name;
  if (resolution.answer) {
    kept.addresses = resolution.answer->addresses;
    kept.notice = resolution.answer->notice;
  } else {
    kept.error = resolution.answer.error();
  }
  return kept;
}

core::Resolution restored(Part::Resolution&& kept) {
  core::Resolution resolution;
  resolution.name = std::move(kept.name);
  if (kept.error)
    resolution.answer = std::move(*kept.error);
  else
    resolution.answer = net::Resolved{std::move(kept.addresses), std::move(kept.notice)};
  return resolution;
}

/// How long each answer took is kept of open ports alone: of the others it is in no report but the first's.
std::vector<SweptPorts> in_rows(const probe::HostPorts& found) {
  std::vector<SweptPorts> rows;
  for (std::size_t i = 0; i < found.ports.size(); ++i) {
    const probe::PortState& state = found.states[i];
    const std::uint16_t port = found.ports[i];
    SweptPorts* last = rows.empty() ? nullptr : &rows.back();
    if (last != nullptr && last->last + 1 == port && state.state != Reason::open && last->state == state.state &&
        last->attempts == state.attempts && last->unreachable == state.unreachable &&
        last->fault_number == state.fault_number)
      last->last = port;
    else
      rows.push_back({port, port, state.state, state.attempts, state.unreachable, state.fault_number, state.took_us});
  }
  return rows;
}

probe::HostPorts one_by_one(const std::vector<SweptPorts>& rows) {
  probe::HostPorts found;
  for (const SweptPorts& row : rows) {
    probe::PortState state;
    state.state = row.state;
    state.attempts = row.attempts;
    state.unreachable = row.unreachable;
    state.fault_number = row.fault_number;
    state.took_us = row.took_us;
    for (std::uint32_t port = row.first; port <= row.last; ++port) {
      found.ports.push_back(static_cast<std::uint16_t>(port));
      found.states.push_back(state);
    }
  }
  return found;
}

std::vector<SignOfLife> kept(const std::vector<probe::Lively>& lively) {
  std::vector<SignOfLife> lives;
  for (const probe::Lively& one : lively) lives.push_back({one.host, one.how});
  return lives;
}

std::vector<probe::Lively> restored(std::vector<SignOfLife>&& lives) {
  std::vector<probe::Lively> lively;
  for (SignOfLife& one : lives) lively.push_back({one.host, std::move(one.how)});
  return lively;
}

Sweep kept(const core::SweptMessage& swept) {
  Sweep kept_sweep;
  kept_sweep.time = swept.time;
  for (const auto& [host, ports] : swept.hosts) kept_sweep.hosts.push_back({host, in_rows(ports)});
  kept_sweep.echoes = swept.discovery.echoes;
  kept_sweep.no_echo = swept.discovery.no_echo;
  kept_sweep.tarpits = swept.tarpits;
  kept_sweep.lively = kept(swept.lively);
  return kept_sweep;
}

core::SweptMessage restored(Sweep&& kept) {
  core::SweptMessage swept;
  swept.time = kept.time;
  for (const SweptHost& host : kept.hosts) swept.hosts.emplace_back(host.address, one_by_one(host.ports));
  swept.discovery.echoes = kept.echoes;
  swept.discovery.no_echo = std::move(kept.no_echo);
  swept.tarpits = std::move(kept.tarpits);
  swept.lively = restored(std::move(kept.lively));
  return swept;
}

Part::Answer kept(const probe::KeptAnswer& answer) {
  Part::Answer kept;
  kept.key = answer.key;
  kept.fields = answer.answer->fields;
  if (!answer.answer->outcome) kept.error = answer.answer->outcome.error();
  kept.observation = answer.answer->observation;
  kept.record.assign(answer.record.begin(), answer.record.end());
  return kept;
}

/// Nobody else has an observation that was read back.
std::shared_ptr<Observation> owned(const ObservationPtr& observation) {
  return std::const_pointer_cast<Observation>(observation);
}

probe::KeptAnswer restored(Part::Answer&& kept) {
  auto answer = std::make_shared<probe::Answer>();
  answer->observation = owned(kept.observation);
  if (auto* fields = kept.fields.get_if<Value::Object>()) answer->fields = std::move(*fields);
  if (kept.error) answer->outcome = std::move(*kept.error);
  probe::KeptAnswer restored{std::move(kept.key), std::move(answer), {}};
  for (const ObservationPtr& observation : kept.record) restored.record.push_back(owned(observation));
  return restored;
}

}  // namespace

Part part_of(const core::PartMessage& message) {
  Part part;
  part.ordinal = message.member.entry == nullptr ? Part::of_run : message.member.ordinal;
  for (const core::Resolution& one : message.resolutions) part.resolutions.push_back(kept(one));
  if (message.swept) part.swept = kept(*message.swept);
  part.lively = kept(message.lively);
  part.checks = message.checks;
  for (const core::CollectedMessage& one : message.collected) part.collected.push_back(entry_of(one));
  for (const probe::KeptAnswer& answer : message.answers) part.answers.push_back(kept(answer));
  return part;
}

core::PartMessage message_of(Part&& part, const inventory::Member& member, const std::vector<std::string>& rules) {
  core::PartMessage message;
  message.member = member;
  for (Part::Resolution& one : part.resolutions) message.resolutions.push_back(restored(std::move(one)));
  if (part.swept) message.swept = restored(std::move(*part.swept));
  message.lively = restored(std::move(part.lively));
  message.checks = std::move(part.checks);
  for (Check& check : message.checks) {
    check.rule = rules.at(check.rule_ordinal);
    check.target = core::target_id(member);
    check.target_ordinal = member.ordinal;
  }
  const TargetRecord nobody;  // who it was collected from is the open target's to say
  for (store::CollectedEntry& one : part.collected) message.collected.push_back(message_of(std::move(one), nobody));
  for (Part::Answer& answer : part.answers) message.answers.push_back(restored(std::move(answer)));
  return message;
}

}  // namespace audit::cli
