#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "audit/run.hpp"
#include "base/run_record.hpp"
#include "cli/address_tally.hpp"

namespace audit::cli {

/// Counts that the progress line shows while a run goes on.
struct Live {
  std::atomic<std::uint64_t> members{0};
  std::atomic<std::uint64_t> targets{0};
  std::atomic<std::uint64_t> checks{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> unseen{0};  // error and not_reviewed
};

/// Gathers what the shards deliver into the record that every report is written from.
class Collector final : public core::Sink {
 public:
  explicit Collector(const core::Plan& plan);
  void deliver(core::TargetMessage message) override;
  /// After the run: the record, sorted and summed up.
  [[nodiscard]] RunRecord finish(const core::RunOutcome& outcome);
  [[nodiscard]] const Live& live() const noexcept { return live_; }

 private:
  void describe_plan();

  const core::Plan& plan_;
  std::mutex mutex_;
  RunRecord record_;
  AddressTally dark_;
  AddressTally excluded_;
  std::uint64_t unasked_ = 0;
  std::map<std::string, std::uint64_t> notices_;
  Live live_;
};

}  // namespace audit::cli
