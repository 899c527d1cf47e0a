#pragma once

#include <deque>
#include <unordered_map>

#include "net/prefix_limit.hpp"
#include "net/waiting.hpp"
#include "net/world.hpp"

namespace audit::net {

/// The conversations of a shard that wait for a place in a full prefix, first come, first served. A place that this shard
/// gives back goes to the next one at once; those that other shards give back are looked for every few milliseconds, for
/// all who wait together. Outlives the places it gave.
class PrefixQueue {
 public:
  explicit PrefixQueue(World& world) : world_(world), look_again_(*this) {}
  ~PrefixQueue() { world_.deadlines().remove(look_again_); }
  PrefixQueue(const PrefixQueue&) = delete;
  PrefixQueue& operator=(const PrefixQueue&) = delete;

  /// A place, given back when the last copy of it goes; null where the deadline came first, or the stop.
  [[nodiscard]] awaitable<std::shared_ptr<void>> take(PrefixLimit& limit, const IpAddress& address, Instant deadline);

 private:
  struct Queue {
    PrefixLimit* limit = nullptr;
    std::deque<Sleeper*> sleepers;
  };
  class LookAgain final : public DeadlineList::Entry {
   public:
    explicit LookAgain(PrefixQueue& queue) : queue_(queue) {}

   private:
    void expired(Expiry why) override {
      if (why == Expiry::deadline) queue_.serve_all();
    }
    PrefixQueue& queue_;
  };

  [[nodiscard]] std::shared_ptr<void> place(PrefixLimit::Count& count);
  void came_free(PrefixLimit::Count& count);
  void serve_all();
  static void serve(PrefixLimit::Count& count, Queue& queue);
  void look_again();

  World& world_;
  LookAgain look_again_;
  std::unordered_map<PrefixLimit::Count*, Queue> queues_;
};

}  // namespace audit::net
