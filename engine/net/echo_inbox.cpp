#include "net/echo_inbox.hpp"

namespace audit::net {

awaitable<Result<EchoAnswer>> EchoInbox::receive(Instant deadline) {
  const std::string host = format_address(remote_);
  while (arrived_.empty()) {
    if (cancelled_) co_return Error(Reason::timeout, host + ": no longer waited for");
    Sleeper sleeper(deadlines_);
    sleeper_ = &sleeper;
    const Wake wake = co_await sleeper.sleep(deadline);
    sleeper_ = nullptr;
    if (wake == Wake::stopped) co_return Error(Reason::stopped, host + ": the run was stopped");
    if (wake == Wake::deadline && arrived_.empty()) co_return Error(Reason::timeout, host + ": no echo reply in time");
  }
  EchoAnswer answer = std::move(arrived_.front());
  arrived_.pop_front();
  co_return answer;
}

void EchoInbox::cancel() {
  cancelled_ = true;
  if (sleeper_ != nullptr) sleeper_->wake(Wake::signalled);
}

void EchoInbox::put(EchoAnswer answer) {
  constexpr std::size_t most = 256;  // more than the requests of any exchange
  if (arrived_.size() < most) arrived_.push_back(std::move(answer));
  if (sleeper_ != nullptr) sleeper_->wake(Wake::signalled);
}

}  // namespace audit::net
