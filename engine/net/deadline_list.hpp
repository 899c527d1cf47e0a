#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.hpp"

namespace audit::net {

/// Why a wait ended without what it waited for.
enum class Expiry : std::uint8_t { deadline, stopped };

/// All waits of a shard, nearest first: an intrusive binary heap, so that a wait allocates nothing and costs about
/// 0.1 µs. Lives on its shard's thread. Whoever owns the clock calls `advance`.
class DeadlineList {
 public:
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() = default;

    [[nodiscard]] bool waiting() const noexcept { return slot_ != idle; }
    [[nodiscard]] Instant when() const noexcept { return when_; }

   protected:
    /// Called once, after the entry has left the list; may add entries, this one too.
    virtual void expired(Expiry why) = 0;

   private:
    friend class DeadlineList;
    static constexpr std::uint32_t idle = ~std::uint32_t{0};
    Instant when_{};
    std::uint32_t slot_ = idle;
  };

  void add(Entry& entry, Instant when);
  void remove(Entry& entry) noexcept;
  /// Expires what is due.
  void advance(Instant now);
  /// Expires everything with Expiry::stopped, and whatever is added later at the next `advance`.
  void stop_all();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  /// Called whenever the nearest deadline comes nearer, and with `never` once nothing waits, so that a timer can follow.
  void on_nearer(std::function<void(Instant)> listener) { nearer_ = std::move(listener); }
  /// `never` where nothing waits.
  [[nodiscard]] Instant next() const noexcept { return heap_.empty() ? never : heap_.front()->when_; }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

 private:
  void place(std::size_t slot, Entry* entry) noexcept;
  void rise(std::size_t slot) noexcept;
  void sink(std::size_t slot) noexcept;

  std::vector<Entry*> heap_;
  std::function<void(Instant)> nearer_;
  bool stopped_ = false;
};

}  // namespace audit::net
