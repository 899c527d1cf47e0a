#include "notify/teller.hpp"

#include <iterator>
#include <utility>

namespace audit::notify {

Teller::Teller(Keep keep, Tell tell) : keep_(keep), tell_(std::move(tell)), thread_([this] { work(); }) {}

Teller::~Teller() {
  finish([] { return true; });
  thread_.join();
}

void Teller::add(News news) {
  const std::lock_guard lock(mutex_);
  if (keep_ == Keep::latest) waiting_.clear();
  if (waiting_.size() == most) {
    leave_out(1);
    return;
  }
  waiting_.push_back(std::move(news));
  changed_.notify_all();
}

void Teller::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) break;
    News news = std::move(waiting_.front());
    waiting_.pop_front();
    if (news.round) news.round->untold = untold_;
    const std::uint64_t said = untold_;
    lock.unlock();
    Outcome outcome = tell_(news, stop_);
    lock.lock();
    settle(std::move(outcome), said);
  }
  done_ = true;
  changed_.notify_all();
}

void Teller::leave_out(std::size_t count) {
  untold_ += count;
  left_out_ += count;
}

void Teller::settle(Outcome outcome, std::uint64_t said) {
  if (outcome.ok)
    untold_ -= said;
  else if (keep_ == Keep::all)
    ++untold_;
  outcomes_.push_back(std::move(outcome));
  if (outcomes_.size() > most) outcomes_.pop_front();
}

void Teller::finish(const std::function<bool()>& hurried) {
  constexpr auto look = std::chrono::milliseconds(20);
  std::unique_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
  while (!changed_.wait_for(lock, look, [&] { return done_; })) {
    if (!hurried()) continue;
    if (keep_ == Keep::all) leave_out(waiting_.size());
    waiting_.clear();
    stop_.ask();
    changed_.wait(lock, [&] { return done_; });
    return;
  }
}

std::vector<Outcome> Teller::take_outcomes() {
  const std::lock_guard lock(mutex_);
  const std::deque<Outcome> taken = std::exchange(outcomes_, {});
  return {std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end())};
}

std::uint64_t Teller::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

}  // namespace audit::notify
