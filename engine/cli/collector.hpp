#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "audit/run.hpp"
#include "base/run_record.hpp"
#include "base/scrubber.hpp"
#include "cli/address_tally.hpp"
#include "cli/live_lines.hpp"
#include "store/check_spool.hpp"

namespace audit::cli {

/// Counts that the progress line shows while a run goes on.
struct Live {
  std::atomic<std::uint64_t> members{0};
  std::atomic<std::uint64_t> targets{0};
  std::atomic<std::uint64_t> checks{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> unseen{0};  // error and not_reviewed
};

/// This machine's name of a TCP port; "" where it has none.
[[nodiscard]] std::string system_service(std::uint16_t port);

/// Keeps what came of a member, as reports will have it: scrubbed, its waivers on it. Called from every shard's thread.
class Keeper {
 public:
  virtual ~Keeper() = default;
  /// Leaves the message as it is.
  virtual void keep(core::TargetMessage& message) = 0;
  virtual void keep(core::RunMessage& message) = 0;
  virtual void keep(const core::PartMessage& part) = 0;
};

/// Gathers what the shards deliver into the record that every report is written from.
class Collector final : public core::Sink {
 public:
  /// `service` names TCP ports that the inventory does not.
  /// `today` is the day of the run's start in the inventory's time zone, by which waivers are judged; `scrubber` takes
  /// secrets out of whatever enters the record.
  Collector(const core::Plan& plan, Day today, const Scrubber& scrubber,
            std::function<std::string(std::uint16_t)> service = system_service);
  void deliver(core::TargetMessage& message) override;
  [[nodiscard]] bool wants_parts() const override { return keeper_ != nullptr; }
  void deliver_part(core::PartMessage& part) override { keeper_->keep(part); }
  void conclude(core::RunMessage message) override;
  /// Which run this is, before the first is delivered: its program, its id, its start.
  void introduce(const RunRecord& head);
  /// Whom every line is told as soon as it is known, or nobody; after `introduce`.
  void tell(LiveLines* lines);
  /// Who keeps what is delivered from now on, or nobody.
  void keep_with(Keeper* keeper) { keeper_ = keeper; }
  /// After the run: the record, sorted and summed up.
  [[nodiscard]] RunRecord finish(const core::RunOutcome& outcome);
  [[nodiscard]] const Live& live() const noexcept { return live_; }

 private:
  /// Secrets out, waivers on.
  void prepare(core::TargetMessage& message);
  void count(const std::vector<Check>& checks);
  void describe_plan();
  void name_ports(const TargetRecord& target);
  void name_port(std::uint16_t port);

  const core::Plan& plan_;
  const Scrubber& scrubber_;
  std::function<std::string(std::uint16_t)> service_;
  std::set<std::uint16_t> nameless_;  // ports that this machine has no name for
  Keeper* keeper_ = nullptr;
  LiveLines* lines_ = nullptr;
  std::shared_ptr<store::CheckSpool> checks_ = std::make_shared<store::CheckSpool>();
  std::mutex mutex_;
  RunRecord record_;
  AddressTally dark_;
  AddressTally excluded_;
  std::uint64_t unasked_ = 0;
  std::map<std::string, std::uint64_t> notices_;
  std::uint64_t dropped_notices_ = 0;  // past the cap on different ones
  Live live_;
};

}  // namespace audit::cli
