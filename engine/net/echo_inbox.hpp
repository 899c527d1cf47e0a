#pragma once

#include <deque>

#include "net/echo.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// The waiting half of an Echo: what arrived, and who sleeps until something does.
class EchoInbox : public Echo {
 public:
  explicit EchoInbox(DeadlineList& deadlines) : deadlines_(deadlines) {}

  [[nodiscard]] awaitable<Result<EchoAnswer>> receive(Instant deadline) override;
  void cancel() override;

 protected:
  void put(EchoAnswer answer);

 private:
  DeadlineList& deadlines_;
  std::deque<EchoAnswer> arrived_;
  Sleeper* sleeper_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace audit::net
