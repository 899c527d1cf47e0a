#pragma once

#include <map>
#include <optional>

#include "audit/earlier.hpp"
#include "audit/name_guards.hpp"
#include "audit/plan.hpp"
#include "audit/port_view.hpp"
#include "audit/shared_ports.hpp"
#include "audit/sink.hpp"
#include "audit/udp_sweep.hpp"
#include "lua/machine.hpp"
#include "probe/discovery.hpp"

namespace audit::core {

/// One member from opening to closing: resolved, swept, judged. What was planned ends with exactly one check each,
/// whatever happens on the way (law 1). Lives in its coroutine, on one shard.
class TargetRun {
 public:
  TargetRun(const Plan& plan, probe::Services& services, lua::Machine& machine, net::Semaphore& live,
            const inventory::Member& member, SharedPorts* shared_ports = nullptr,
            const NameGuards* name_guards = nullptr);

  /// What has ended is handed to `sink` while the target stays open for the rest. Before `execute`, as the next.
  void hand_parts_to(Sink& sink) { parts_ = &sink; }
  /// What ended before, or was seen, is not asked again; `earlier` outlives this.
  void go_on_from(const Earlier& earlier);

  [[nodiscard]] awaitable<TargetMessage> execute();

 private:
  // target_parts.cpp
  class PartTimer final : public net::DeadlineList::Entry {
   public:
    explicit PartTimer(TargetRun& run) : run_(run) {}
    ~PartTimer() override { run_.services_.world.deadlines().remove(*this); }

   private:
    void expired(net::Expiry why) override;
    TargetRun& run_;
  };
  /// Something has ended that no part tells of: one will before long, where the target is still open then.
  void note_progress();
  void hand_on_part();
  void tell_sweep(PartMessage& part);
  void tell_ended(PartMessage& part);
  void note_ended(std::uint32_t slot);
  [[nodiscard]] bool sweep_was_cut_off() const;
  [[nodiscard]] SweptMessage swept() const;
  /// Takes over how a check ended before; false where it did not.
  [[nodiscard]] bool take_over(std::uint32_t slot);
  void take_over_answers();
  [[nodiscard]] CollectedMessage collected_of(std::uint32_t slot, lua::Collected brought) const;

  // target_hosts.cpp
  /// Whom to ask; the error says why there is nobody.
  [[nodiscard]] awaitable<std::optional<Error>> find_hosts();
  [[nodiscard]] awaitable<Result<net::Resolved>> resolve(std::string name);
  void note_resolution(const std::string& name, const Result<net::Resolved>& answer);
  /// The strictest of all entries of an address holds, by whatever entry or name one comes to it.
  void guard_hosts();

  // target_sweep.cpp
  /// Sweeps what is not known yet of the addresses of a name, each of which has one sweep at a time.
  [[nodiscard]] awaitable<void> sweep(PortSet ports, bool leave_the_dead);
  [[nodiscard]] awaitable<void> restore_sweep(const SweptMessage& swept, PortSet ports, bool leave_the_dead);
  // target_echoes.cpp
  /// Sends what the plan wants to know round trips from, one host after the other.
  [[nodiscard]] awaitable<void> measure_round_trips();

  [[nodiscard]] awaitable<void> judge_all(std::optional<Error> homeless);
  [[nodiscard]] awaitable<void> judge_in_lua(std::uint32_t slot, std::vector<Endpoint> endpoints,
                                             std::vector<Finding> also);
  [[nodiscard]] awaitable<void> collect_in_lua(std::uint32_t slot, std::vector<Finding> also);
  void judge_ports(std::uint32_t slot, const PortView& view);
  /// The UDP ports that are expected, before anything is judged.
  [[nodiscard]] awaitable<void> sweep_udp();
  void judge_policy(std::uint32_t slot, const PortView& view);
  [[nodiscard]] awaitable<void> ask_policy(std::uint32_t slot);
  [[nodiscard]] awaitable<Finding> ask_question(const PlannedRule& planned, PolicyQuestion question);
  void describe_subject();
  void settle(std::uint32_t slot, std::vector<Finding> findings);
  /// What run-scope rules collected, in place of checks.
  void take_collected();
  [[nodiscard]] Value::Object params_of(const PlannedRule& planned) const;
  void describe();
  void tell_evicted();
  /// Whom rules may want to speak with.
  [[nodiscard]] PortSet ports_of_lua() const;
  [[nodiscard]] bool sweep_was_blind() const;
  /// How no host showed life: what was asked, and what was not.
  [[nodiscard]] std::string silence() const;

  const Plan& plan_;
  probe::Services& services_;
  lua::Machine& machine_;
  net::Semaphore& live_;
  SharedPorts* shared_ports_;
  const NameGuards* name_guards_;
  inventory::Member member_;
  const inventory::Settings* settings_;         // the entry's, or
  std::optional<inventory::Settings> guarded_;  // those with what other entries ask for its addresses
  std::vector<std::uint32_t> rules_;            // those of the run too
  std::vector<std::uint32_t> in_lua_;           // slots whose verdict needs Lua
  std::vector<std::vector<Endpoint>> open_;
  std::vector<std::vector<Finding>> also_;
  std::map<std::uint32_t, lua::Collected> collected_;  // by slot
  std::vector<IpAddress> hosts_;
  std::vector<IpAddress> resolved_;     // all that the name leads to
  std::optional<Error> half_resolved_;  // why some address of the name was not looked at
  bool all_excluded_ = false;           // every address that the name resolves to
  bool unsure_ = false;                 // no server could say whether there is such a name
  lua::Subject subject_;
  std::optional<probe::Target> target_;
  std::optional<UdpSweep> udp_;
  probe::Discovery discovery_;
  std::uint32_t unfinished_ = 0;
  std::optional<net::Event> all_done_;
  std::exception_ptr failure_;
  WallTime swept_at_{};
  std::vector<std::string> tarpits_;
  TargetMessage message_;

  Sink* parts_ = nullptr;  // who takes parts, or nobody
  const Earlier* earlier_ = nullptr;
  const PartMessage* before_ = nullptr;  // what earlier processes of the run left of this target
  std::optional<PartTimer> part_timer_;
  enum class Slot : std::uint8_t { open, ended, told };
  std::vector<Slot> slots_;
  std::optional<Resolution> resolution_;  // that no part tells of
  bool sweep_told_ = false;
  std::size_t lively_then_ = 0;  // of the target's, when the sweep had ended
  std::size_t lively_told_ = 0;
};

/// The message of a member that the run's end left unasked: a listed one has all its checks not_reviewed (stopped), but for
/// those that had ended `before`.
[[nodiscard]] TargetMessage unreached(const Plan& plan, const inventory::Member& member,
                                      const NameGuards* name_guards = nullptr, const PartMessage* before = nullptr);
/// What all entries of these addresses ask for them, those of names too where they are known.
[[nodiscard]] inventory::Guard guard_of(const Plan& plan, const NameGuards* name_guards,
                                        const std::vector<IpAddress>& hosts);
/// What a target is called: its name or address, after `ZONE/` where it is in a zone.
[[nodiscard]] std::string target_id(const inventory::Member& member);

}  // namespace audit::core
