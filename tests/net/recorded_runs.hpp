#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "net/recording.hpp"
#include "net/recording_world.hpp"
#include "net/redaction.hpp"
#include "net/replaying_world.hpp"
#include "playing.hpp"

namespace audit::test {

/// A scripted world, for a recording one around it.
class ScriptedOutside final : public net::Outside {
 public:
  [[nodiscard]] net::ScriptedWorld& world() override { return world_; }
  void wait(Instant until) override {
    if (io_.poll() == 0 && !world_.step(until)) {
      REQUIRE(until != never);  // somebody would wait for ever
      world_.sleep_until(until);
    }
    if (late_every > 0 && ++waits_ % late_every == 0) world_.sleep_until(world_.now() + std::chrono::milliseconds(7));
  }
  std::uint32_t late_every = 0;  // waits until the clock outside runs on unseen

  void end() override {
    world_.stop();
    world_.run();
  }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  net::ScriptedWorld world_{io_};
  std::uint32_t waits_ = 0;
};

/// Keeps what was recorded, as the bytes of the file have it.
struct KeptRecords final : net::Recorder {
  void add(net::TranscriptRecord record) override {
    redaction.redact(record);
    records.push_back(encode(record));
  }
  net::Redaction redaction{{}};
  std::vector<std::string> records;
};

/// What somebody asked of a world, and what they saw: a line each, with its time.
struct Diary {
  explicit Diary(net::World& world_in) : world(world_in) {}
  void note(const std::string& text) {
    lines.push_back(std::to_string((world.now() - net::SerialWorld::first_).count()) + " " + text);
  }
  template <class Value>
  void note(const std::string& what, const Result<Value>& result) {
    note(what + " " + (result ? "ok" : std::string(name_of(result.error().reason)) + ": " + result.error().message));
  }
  net::World& world;
  std::vector<std::string> lines;
};

using Asking = std::function<awaitable<void>(net::World&, Diary&)>;

/// A run that is recorded over a scripted network, then replayed as often as one likes.
struct RecordedRun {
  explicit RecordedRun(std::vector<std::string> secrets = {}) { kept.redaction = net::Redaction(std::move(secrets)); }

  net::ScriptedWorld& network() { return outside->world(); }
  std::vector<std::string> record(std::vector<Asking> askings, Duration stop_after = Duration::zero());
  std::vector<std::string> replay(std::vector<Asking> askings, const std::vector<std::string>& forms = {}) const;

  std::unique_ptr<ScriptedOutside> outside = std::make_unique<ScriptedOutside>();
  KeptRecords kept;
};

}  // namespace audit::test
