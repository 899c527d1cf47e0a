#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit::core {

/// The candidates that were targets in an earlier run: silent ones stay targets, and do not go dark. Eight bytes each, of a
/// digest of the id: inventories change, and with them the ordinals. Filled before the run begins, then read by every shard.
class EarlierTargets {
 public:
  EarlierTargets() = default;
  /// `run` is that run's id; `bytes` as `bytes()` gave them.
  EarlierTargets(std::string run, std::string_view bytes);

  void add(std::string_view id);
  /// After the last was added.
  void settle();
  [[nodiscard]] bool contains(std::string_view id) const;
  [[nodiscard]] const std::string& run() const noexcept { return run_; }
  [[nodiscard]] std::size_t size() const noexcept { return digests_.size(); }
  /// For a journal.
  [[nodiscard]] std::string bytes() const;

 private:
  std::string run_;
  std::vector<std::uint64_t> digests_;  // sorted
};

}  // namespace audit::core
