#include "net/prefix_queue.hpp"

#include <algorithm>

namespace audit::net {

std::shared_ptr<void> PrefixQueue::place(PrefixLimit::Count& count) {
  return {&count, [this](PrefixLimit::Count* held) {
            PrefixLimit::give_back_conversation(*held);
            came_free(*held);
          }};
}

awaitable<std::shared_ptr<void>> PrefixQueue::take(PrefixLimit& limit, const IpAddress& address, Instant deadline) {
  PrefixLimit::Count& count = limit.count_of(address);
  if (!queues_.contains(&count) && limit.try_take_conversation(count)) co_return place(count);
  const PrefixLimit::Waiting waiting(count);
  Sleeper sleeper(world_.deadlines());
  Queue& joined = queues_[&count];
  joined.limit = &limit;
  joined.sleepers.push_back(&sleeper);
  look_again();
  const Wake wake = co_await sleeper.sleep(deadline);
  if (wake == Wake::signalled) co_return place(count);
  if (const auto queue = queues_.find(&count); queue != queues_.end()) {
    std::erase(queue->second.sleepers, &sleeper);
    if (queue->second.sleepers.empty()) queues_.erase(queue);
  }
  co_return std::shared_ptr<void>();
}

/// To the first of them that still sleeps, with the place already taken.
void PrefixQueue::serve(PrefixLimit::Count& count, Queue& queue) {
  while (!queue.sleepers.empty()) {
    Sleeper* first = queue.sleepers.front();
    if (first->asleep() && !queue.limit->try_take_conversation(count)) return;
    queue.sleepers.pop_front();
    if (first->asleep()) first->wake(Wake::signalled);
  }
}

void PrefixQueue::came_free(PrefixLimit::Count& count) {
  const auto queue = queues_.find(&count);
  if (queue == queues_.end()) return;
  serve(count, queue->second);
  if (queue->second.sleepers.empty()) queues_.erase(queue);
}

void PrefixQueue::serve_all() {
  for (auto& [count, queue] : queues_) serve(*count, queue);
  std::erase_if(queues_, [](const auto& entry) { return entry.second.sleepers.empty(); });
  if (!queues_.empty()) look_again();
}

void PrefixQueue::look_again() {
  constexpr Duration pause = std::chrono::milliseconds(5);
  if (!look_again_.waiting()) world_.deadlines().add(look_again_, world_.now() + pause);
}

}  // namespace audit::net
