#include "net/traced_echo.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::net {
namespace {

class TracedEcho final : public Echo {
 public:
  TracedEcho(std::unique_ptr<Echo> echo, World& world, Tracer& tracer)
      : echo_(std::move(echo)), world_(world), tracer_(tracer), began_(world.now()),
        whom_(fmt::format("{}/{}", name_of(echo_->method()), format_address(echo_->remote()))),
        sent_(tracer, whom_, '>'), received_(tracer, whom_, '<') {
    remote_ = echo_->remote();
    method_ = echo_->method();
    payload_ = echo_->payload();
  }
  ~TracedEcho() override {
    sent_.end();
    received_.end();
    tracer_.line(world_.wall(), "echo", whom_,
                 fmt::format("sent {} B in {}, received {} B in {}{}, {}, {} in all", sent_.count(), requests_,
                             received_.count(), replies_, round_trips(), ending_.empty() ? "closed here" : ending_,
                             trace_milliseconds(world_.now() - began_)));
  }
  TracedEcho(const TracedEcho&) = delete;
  TracedEcho& operator=(const TracedEcho&) = delete;

  Result<void> send() override {
    Result<void> sent = echo_->send();
    if (sent) {
      ++requests_;
      sent_.add(payload_);
    } else {
      ending_ = name_of(sent.error().reason);
    }
    return sent;
  }
  awaitable<Result<EchoAnswer>> receive(Instant deadline) override {
    Result<EchoAnswer> answer = co_await echo_->receive(deadline);
    if (!answer) {
      ending_ = name_of(answer.error().reason);
    } else if (answer->reason != Reason::observed) {
      ending_ = name_of(answer->reason);
    } else {
      ending_.clear();
      received_.add(payload_);
      nearest_ = replies_ == 0 ? answer->took : std::min(nearest_, answer->took);
      farthest_ = std::max(farthest_, answer->took);
      ++replies_;
    }
    co_return answer;
  }
  void cancel() override { echo_->cancel(); }
  std::uint32_t duplicates() const noexcept override { return echo_->duplicates(); }
  std::uint32_t foreign() const noexcept override { return echo_->foreign(); }

 private:
  [[nodiscard]] std::string round_trips() const {
    if (replies_ == 0) return "";
    if (replies_ == 1) return " after " + trace_milliseconds(nearest_);
    return fmt::format(" after {} to {}", trace_milliseconds(nearest_), trace_milliseconds(farthest_));
  }

  std::unique_ptr<Echo> echo_;
  World& world_;
  Tracer& tracer_;
  Instant began_;
  std::string whom_;
  Tracer::Direction sent_;
  Tracer::Direction received_;
  std::uint32_t requests_ = 0;
  std::uint32_t replies_ = 0;
  Duration nearest_{};
  Duration farthest_{};
  std::string ending_;
};

}  // namespace

std::unique_ptr<Echo> traced(std::unique_ptr<Echo> echo, World& world, Tracer& tracer) {
  return std::make_unique<TracedEcho>(std::move(echo), world, tracer);
}

}  // namespace audit::net
