#include "net/prefix_queue.hpp"

#include <algorithm>
#include <optional>

namespace audit::net {

std::shared_ptr<void> PrefixQueue::place(Key key) {
  return {key.first, [this, key](PrefixLimit::Count* held) {
            PrefixLimit::give_back(*held, key.second);
            came_free(key);
          }};
}

std::shared_ptr<void> PrefixQueue::try_take(PrefixLimit& limit, PrefixLimit::Count& count, PrefixLimit::Kind kind) {
  const Key key(&count, kind);
  return !queues_.contains(key) && limit.try_take(count, kind) ? place(key) : nullptr;
}

awaitable<std::shared_ptr<void>> PrefixQueue::take(PrefixLimit& limit, IpAddress address, Instant deadline,
                                                   PrefixLimit::Kind kind) {
  PrefixLimit::Count& count = limit.count_of(address);
  if (std::shared_ptr<void> free = try_take(limit, count, kind)) co_return free;
  const Key key(&count, kind);
  std::optional<PrefixLimit::Waiting> waiting;
  if (kind == PrefixLimit::Kind::conversation) waiting.emplace(count);
  Sleeper sleeper(world_.deadlines());
  Queue& joined = queues_[key];
  joined.limit = &limit;
  joined.sleepers.push_back(&sleeper);
  look_again();
  const Wake wake = co_await sleeper.sleep(deadline);
  if (wake == Wake::signalled) co_return place(key);
  if (const auto queue = queues_.find(key); queue != queues_.end()) {
    std::erase(queue->second.sleepers, &sleeper);
    if (queue->second.sleepers.empty()) queues_.erase(queue);
  }
  co_return std::shared_ptr<void>();
}

/// To the first of them that still sleeps, with the place already taken.
void PrefixQueue::serve(Key key, Queue& queue) {
  while (!queue.sleepers.empty()) {
    Sleeper* first = queue.sleepers.front();
    if (first->asleep() && !queue.limit->try_take(*key.first, key.second)) return;
    queue.sleepers.pop_front();
    if (first->asleep()) first->wake(Wake::signalled);
  }
}

void PrefixQueue::came_free(Key key) {
  const auto queue = queues_.find(key);
  if (queue == queues_.end()) return;
  serve(key, queue->second);
  if (queue->second.sleepers.empty()) queues_.erase(queue);
}

void PrefixQueue::serve_all() {
  for (auto& [key, queue] : queues_) serve(key, queue);
  std::erase_if(queues_, [](const auto& entry) { return entry.second.sleepers.empty(); });
  if (!queues_.empty()) look_again();
}

void PrefixQueue::look_again() {
  constexpr Duration pause = std::chrono::milliseconds(5);
  if (!look_again_.waiting()) world_.deadlines().add(look_again_, world_.now() + pause);
}

}  // namespace audit::net
