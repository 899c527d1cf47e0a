#include <fmt/format.h>

#include <algorithm>

#include "audit/target_run.hpp"
#include "base/text.hpp"

namespace audit::core {
namespace {

constexpr std::size_t most_port_rows = 256;

}  // namespace

awaitable<void> TargetRun::sweep(PortSet ports, bool leave_the_dead) {
  std::vector<std::unique_ptr<SharedPorts::Turn>> turns;
  std::vector<IpAddress> hosts;
  if (shared_ports_ != nullptr && member_.entry->kind == inventory::Entry::Kind::name) hosts = hosts_;
  std::sort(hosts.begin(), hosts.end());  // the order in which everybody takes turns
  for (const IpAddress& host : hosts) {
    const SharedPorts::Key key{host, settings_->limits.attempts, settings_->limits.timeout};
    std::string name = member_.entry->name;
    std::unique_ptr<SharedPorts::Turn> turn = co_await shared_ports_->take(services_.world, key, std::move(name));
    if (!turn) break;  // the run was stopped: the sweep says so of every port
    const SharedPorts::Known& known = turn->known();
    if (known.ports) {
      target_->know(host, known.ports);
      if (!known.life.empty()) target_->note_life(host, known.life);
      swept_at_ = std::min(swept_at_, known.time);
    }
    turns.push_back(std::move(turn));
  }
  if (before_ != nullptr && before_->swept) {
    co_await restore_sweep(*before_->swept, std::move(ports), leave_the_dead);
  } else {
    target_->keep_connections(ports_of_lua());
    discovery_ = co_await probe::discover(*target_, ports.list(), leave_the_dead);
  }
  for (std::size_t i = 0; i < turns.size(); ++i)
    turns[i]->publish(target_->swept()->ports_of(hosts[i]), target_->life_of(hosts[i]), swept_at_);
}

/// As it ended in an earlier process of the run: nothing is asked again.
awaitable<void> TargetRun::restore_sweep(const SweptMessage& swept, PortSet ports, bool leave_the_dead) {
  swept_at_ = swept.time;
  discovery_ = swept.discovery;
  tarpits_ = swept.tarpits;
  for (const auto& [host, found] : swept.hosts) target_->know_ended(host, found);
  for (const probe::Lively& one : swept.lively) target_->note_life(one.host, one.how);
  sweep_told_ = true;
  co_await target_->sweep(ports.list(), leave_the_dead);
}

PortSet TargetRun::ports_of_lua() const {
  PortSet ports;
  for (const std::uint32_t rule : rules_)
    if (plan_.rules[rule].policy == nullptr) ports.add(plan_.rules[rule].record.ports.tcp);
  return ports;
}

bool TargetRun::sweep_was_blind() const {
  const probe::Sweep* sweep = target_->swept();
  if (sweep == nullptr) return false;
  for (std::size_t port = 0; port < sweep->ports().size(); ++port)
    for (std::size_t host = 0; host < sweep->hosts().size(); ++host) {
      const Reason state = sweep->state(host, port).state;
      if (state == Reason::local_fault || state == Reason::stopped || state == Reason::not_recorded) return true;
    }
  return false;
}

bool TargetRun::sweep_was_cut_off() const {
  const probe::Sweep& sweep = *target_->swept();
  for (std::size_t port = 0; port < sweep.ports().size(); ++port)
    for (std::size_t host = 0; host < sweep.hosts().size(); ++host)
      if (sweep.state(host, port).state == Reason::stopped) return true;
  return false;
}

std::string TargetRun::silence() const {
  const probe::Sweep& sweep = *target_->swept();
  std::uint64_t unasked = 0;
  for (std::size_t port = 0; port < sweep.ports().size(); ++port)
    for (std::size_t host = 0; host < sweep.hosts().size(); ++host)
      if (sweep.state(host, port).state == Reason::unreachable) ++unasked;
  const std::uint64_t all = sweep.ports().size() * sweep.hosts().size();
  std::string text =
      fmt::format("gave no sign of life: {} asked, every attempt spent, no answer", counted(all - unasked, "port"));
  text += discovery_.echoes > 0
              ? fmt::format("; no reply to {}", counted(discovery_.echoes, "ICMP echo", "ICMP echoes"))
              : "; not asked by ICMP echo: " + discovery_.no_echo;
  if (unasked > 0)
    text += fmt::format("; {} not asked after that (`assume_up = true` asks them)",
                        counted(unasked, "more port", "more ports"));
  if (message_.record.kind == TargetKind::candidate && plan_.earlier.contains(message_.record.id))
    text += fmt::format("; it was a target in run {}", plan_.earlier.run());
  return text;
}

void TargetRun::describe() {
  TargetRecord& record = message_.record;
  record.addresses = hosts_;
  if (hosts_.empty()) {
    record.life = unsure_ ? TargetLife::unknown : TargetLife::unresolved;
  } else {
    record.life = target_->alive()                                   ? TargetLife::alive
                  : target_->swept() == nullptr || sweep_was_blind() ? TargetLife::unknown
                                                                     : TargetLife::silent;
  }
  for (const IpAddress& host : hosts_) {
    const std::string how = target_->life_of(host);
    if (how.empty()) continue;
    record.life_message = hosts_.size() == 1 ? how : fmt::format("{} {}", format_address(host), how);
    break;
  }
  const probe::Sweep* sweep = target_->swept();
  if (sweep == nullptr) return;
  if (record.life == TargetLife::silent) record.life_message = silence();
  for (std::size_t port = 0; port < sweep->ports().size(); ++port) {
    for (std::size_t host = 0; host < sweep->hosts().size(); ++host) {
      const probe::PortState& state = sweep->state(host, port);
      switch (state.state) {
        case Reason::closed: ++record.ports_closed; break;
        case Reason::filtered: ++record.ports_filtered; break;
        case Reason::open: break;
        default: ++record.ports_unasked;
      }
      const bool of_interest = state.state == Reason::open || sweep->ports().size() <= 32;
      if (!of_interest || record.ports.size() >= most_port_rows) continue;
      PortRecord row;
      row.endpoint.address = sweep->hosts()[host];
      row.endpoint.port = sweep->ports()[port];
      row.state = state.state;
      record.ports.push_back(std::move(row));
    }
  }
}

}  // namespace audit::core
