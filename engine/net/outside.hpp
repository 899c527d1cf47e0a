#pragma once

#include <asio/executor_work_guard.hpp>
#include <memory>

#include "net/kernel_world.hpp"

namespace audit::net {

/// The world that a recording one asks, with an io_context of its own.
class Outside {
 public:
  virtual ~Outside() = default;
  [[nodiscard]] virtual World& world() = 0;
  /// Lets something happen there, and returns then, or at `until` of its clock.
  virtual void wait(Instant until) = 0;
  /// Ends all that goes on there.
  virtual void end() = 0;
};

/// The real network.
class KernelOutside final : public Outside {
 public:
  explicit KernelOutside(KernelShare share) : world_(io_, share) {}
  [[nodiscard]] World& world() override { return world_; }
  void wait(Instant until) override;
  void end() override;

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  KernelWorld world_;
};

}  // namespace audit::net
