#pragma once

#include <deque>
#include <map>
#include <utility>

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

  /// A place that is free now and that nobody waits for, else null.
  [[nodiscard]] std::shared_ptr<void> try_take(PrefixLimit& limit, PrefixLimit::Count& count, PrefixLimit::Kind kind);
  /// A place, given back when the last copy of it goes; null where the deadline came first, or the stop.
  [[nodiscard]] awaitable<std::shared_ptr<void>> take(PrefixLimit& limit, IpAddress address, Instant deadline,
                                                      PrefixLimit::Kind kind = PrefixLimit::Kind::conversation);

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

  using Key = std::pair<PrefixLimit::Count*, PrefixLimit::Kind>;

  [[nodiscard]] std::shared_ptr<void> place(Key key);
  void came_free(Key key);
  void serve_all();
  static void serve(Key key, Queue& queue);
  void look_again();

  World& world_;
  LookAgain look_again_;
  std::map<Key, Queue> queues_;
};

}  // namespace audit::net
