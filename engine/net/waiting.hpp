#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "net/asio.hpp"
#include "net/deadline_list.hpp"

namespace audit::net {

/// How a wait ended.
enum class Wake : std::uint8_t { signalled, deadline, stopped };

/// A coroutine asleep until it is woken or its deadline passes. Lives in the sleeping coroutine's frame; one wait at a
/// time; woken through the executor, never in the waker's stack.
class Sleeper final : public DeadlineList::Entry {
 public:
  explicit Sleeper(DeadlineList& deadlines) : deadlines_(deadlines) {}
  ~Sleeper() { deadlines_.remove(*this); }

  [[nodiscard]] awaitable<Wake> sleep(Instant deadline);
  void wake(Wake how);
  [[nodiscard]] bool asleep() const noexcept { return handler_.has_value(); }

 private:
  using Handler = asio::async_result<UseAwaitable, void(Wake)>::handler_type;
  void expired(Expiry why) override;

  DeadlineList& deadlines_;
  std::optional<Handler> handler_;
};

/// Something that happens once; any number may wait for it.
class Event {
 public:
  explicit Event(DeadlineList& deadlines) : deadlines_(deadlines) {}
  [[nodiscard]] bool happened() const noexcept { return happened_; }
  void happen();
  [[nodiscard]] awaitable<Wake> wait(Instant deadline);

 private:
  DeadlineList& deadlines_;
  bool happened_ = false;
  std::vector<Sleeper*> sleepers_;
};

/// So many places; who comes first is served first.
class Semaphore {
 public:
  Semaphore(DeadlineList& deadlines, std::uint32_t places) : deadlines_(deadlines), free_(places) {}
  /// Wake::signalled means that a place was taken and must be given back with `release`.
  [[nodiscard]] awaitable<Wake> acquire(Instant deadline);
  /// The same asleep in the caller's sleeper, which it may wake with another word.
  [[nodiscard]] awaitable<Wake> acquire(Sleeper& sleeper, Instant deadline);
  [[nodiscard]] bool try_acquire() noexcept;
  void release();
  [[nodiscard]] std::uint32_t free() const noexcept { return free_; }

 private:
  DeadlineList& deadlines_;
  std::uint32_t free_;
  std::list<Sleeper*> queue_;  // most have none waiting, and are made by the thousand
};

/// One place of a semaphore, given back when it goes out of scope.
class Place {
 public:
  Place() = default;
  explicit Place(Semaphore& semaphore) : semaphore_(&semaphore) {}
  Place(Place&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)), held_(std::move(other.held_)) {}
  Place& operator=(Place&& other) noexcept {
    release();
    semaphore_ = std::exchange(other.semaphore_, nullptr);
    held_ = std::move(other.held_);
    return *this;
  }
  ~Place() { release(); }
  /// Something else that is given back with the place.
  void hold(std::shared_ptr<void> held) noexcept { held_ = std::move(held); }
  void release() {
    held_.reset();
    if (Semaphore* semaphore = std::exchange(semaphore_, nullptr)) semaphore->release();
  }

 private:
  Semaphore* semaphore_ = nullptr;
  std::shared_ptr<void> held_;
};

}  // namespace audit::net
