#pragma once

#include <fmt/format.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "net/waiting.hpp"

namespace audit::net {

using Socket = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

/// Waits for a socket under a deadline: the deadline cancels the wait.
class SocketWait final : public DeadlineList::Entry {
 public:
  SocketWait(Socket& socket, DeadlineList& deadlines) : socket_(socket), deadlines_(deadlines) {}
  ~SocketWait() { deadlines_.remove(*this); }

  awaitable<Wake> until_ready(Socket::wait_type what, Instant deadline) {
    wake_ = Wake::signalled;
    deadlines_.add(*this, deadline);
    std::error_code failure;
    auto token = asio::redirect_error(use_awaitable, failure);
    co_await socket_.async_wait(what, token);
    deadlines_.remove(*this);
    co_return wake_;
  }

 private:
  void expired(Expiry why) override {
    wake_ = why == Expiry::stopped ? Wake::stopped : Wake::deadline;
    std::error_code ignored;
    socket_.cancel(ignored);
  }

  Socket& socket_;
  DeadlineList& deadlines_;
  Wake wake_ = Wake::signalled;
};

/// What a wait that was not signalled means to who asked.
inline Error wait_error(Wake wake, const Endpoint& remote, std::string_view doing) {
  if (wake == Wake::stopped)
    return {Reason::stopped, fmt::format("{}: the run was stopped while {}", format_endpoint(remote), doing)};
  return {Reason::timeout, fmt::format("{}: the deadline passed while {}", format_endpoint(remote), doing)};
}

}  // namespace audit::net
