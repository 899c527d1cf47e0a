#include "net/waiting.hpp"

#include <algorithm>
#include <utility>

namespace audit::net {

awaitable<Wake> Sleeper::sleep(Instant deadline) {
  auto hold = [this, deadline](auto&& handler) {
    handler_.emplace(std::forward<decltype(handler)>(handler));
    deadlines_.add(*this, deadline);
  };
  auto token = use_awaitable;
  auto asleep_until_woken = asio::async_initiate<UseAwaitable, void(Wake)>(std::move(hold), token);
  const Wake how = co_await std::move(asleep_until_woken);
  co_return how;
}

void Sleeper::wake(Wake how) {
  if (!handler_) return;
  deadlines_.remove(*this);
  Handler handler = std::move(*handler_);
  handler_.reset();
  auto executor = handler.get_executor();
  asio::post(executor, [woken = std::move(handler), how]() mutable { woken(how); });
}

void Sleeper::expired(Expiry why) { wake(why == Expiry::stopped ? Wake::stopped : Wake::deadline); }

void Event::happen() {
  happened_ = true;
  for (Sleeper* sleeper : std::exchange(sleepers_, {})) sleeper->wake(Wake::signalled);
}

awaitable<Wake> Event::wait(Instant deadline) {
  if (happened_) co_return Wake::signalled;
  Sleeper sleeper(deadlines_);
  sleepers_.push_back(&sleeper);
  const Wake how = co_await sleeper.sleep(deadline);
  std::erase(sleepers_, &sleeper);
  co_return how;
}

bool Semaphore::try_acquire() noexcept {
  if (free_ == 0 || !queue_.empty()) return false;
  --free_;
  return true;
}

awaitable<Wake> Semaphore::acquire(Instant deadline) {
  Sleeper sleeper(deadlines_);
  const Wake how = co_await acquire(sleeper, deadline);
  co_return how;
}

awaitable<Wake> Semaphore::acquire(Sleeper& sleeper, Instant deadline) {
  if (try_acquire()) co_return Wake::signalled;
  queue_.push_back(&sleeper);
  const Wake how = co_await sleeper.sleep(deadline);
  if (how != Wake::signalled) std::erase(queue_, &sleeper);
  co_return how;
}

void Semaphore::release() {
  while (!queue_.empty()) {
    Sleeper* next = queue_.front();
    queue_.pop_front();
    if (!next->asleep()) continue;  // its deadline passed and its coroutine has not run yet
    next->wake(Wake::signalled);
    return;
  }
  ++free_;
}

}  // namespace audit::net
