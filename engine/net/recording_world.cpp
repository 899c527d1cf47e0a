#include "net/recording_world.hpp"

#include <asio/co_spawn.hpp>

#include "net/recorded_exchange.hpp"

namespace audit::net {
namespace {

template <class Value>
struct Opening final : Awaited {
  Result<Value> result = Error(Reason::stopped, "");
};

awaitable<void> connect_outside(awaitable<Result<std::unique_ptr<Stream>>> connecting,
                                std::shared_ptr<Opening<std::unique_ptr<Stream>>> opening) {
  opening->result = co_await std::move(connecting);
}

awaitable<void> open_outside(awaitable<Result<std::unique_ptr<Datagram>>> connecting,
                             std::shared_ptr<Opening<std::unique_ptr<Datagram>>> opening) {
  opening->result = co_await std::move(connecting);
}

awaitable<void> look_up_outside(awaitable<Result<std::vector<IpAddress>>> asking,
                                std::shared_ptr<Opening<std::vector<IpAddress>>> opening) {
  opening->result = co_await std::move(asking);
}

Exchange begin(SerialWorld& world, Exchange::Kind kind, Instant deadline) {
  Exchange exchange;
  exchange.kind = kind;
  exchange.ordinal = world.take_ordinal();
  exchange.patience = patience_of(world.now(), deadline);
  return exchange;
}

}  // namespace

/// Hears of a port outside, and passes it on in its turn.
struct RecordingWorld::InnerSink final : PortSink {
  InnerSink(RecordingWorld& world_in, std::shared_ptr<Probing> probing_in)
      : world(world_in), probing(std::move(probing_in)) {}

  void answered(std::uint32_t /*token*/, const PortAnswer& answer) override {
    probing->answer = answer;
    if (starting) {
      at_once = true;
      return;
    }
    const std::unique_ptr<InnerSink> self(this);
    world.arrive(std::move(probing));
  }

  RecordingWorld& world;
  std::shared_ptr<Probing> probing;
  bool starting = true;
  bool at_once = false;
};

/// Somebody stops the run.
struct RecordingWorld::Stopping final : Happening {
  explicit Stopping(RecordingWorld& world_in) : world(world_in) {}
  void told() override {
    if (world.stopped()) return;
    Stopped stopped;
    stopped.after = world.since_start();
    world.recorder_.add(stopped);
    world.stop();
  }
  RecordingWorld& world;
};

RecordingWorld::RecordingWorld(asio::io_context& io, std::unique_ptr<Outside> outside, Recorder& recorder,
                               const RunStart& start)
    : SerialWorld(io, start.started, start.random_seed, start.port_lanes), outside_(std::move(outside)),
      recorder_(recorder), shift_(outside_->world().now() - now()) {}

RecordingWorld::~RecordingWorld() { outside_->end(); }

Instant RecordingWorld::deadline_outside(Instant deadline) {
  return deadline == never ? never : deadline - now() + outside().now();
}

void RecordingWorld::arrive(std::shared_ptr<Happening> what) {
  arrivals_.push_back({outside().now() - shift_, std::move(what)});
}

void RecordingWorld::start(awaitable<void> operation, std::shared_ptr<Happening> awaited) {
  asio::co_spawn(outside().io(), std::move(operation),
                 [this, happening = std::move(awaited)](const std::exception_ptr& failure) mutable {
                   if (failure) std::rethrow_exception(failure);
                   arrive(std::move(happening));
                 });
}

void RecordingWorld::run() {
  SerialWorld::run();
  outside_->end();
}

void RecordingWorld::stop_soon() {
  asio::post(outside().io(), [this] { arrive(std::make_shared<Stopping>(*this)); });
}

std::optional<Instant> RecordingWorld::next_happening(Instant timer, bool idle) {
  while (arrivals_.empty()) {
    if (idle && timer == never) return std::nullopt;
    const Instant timer_outside = timer == never ? never : std::max(timer, first_) + shift_;
    if (timer != never && outside().now() >= timer_outside) return never;
    outside_->wait(timer_outside);
  }
  return arrivals_.front().when;
}

/// A clock far behind would let the run's rate be made up for all at once.
Instant RecordingWorld::catch_up(Instant at, std::uint64_t times) {
  constexpr Duration late = std::chrono::milliseconds(2);
  const Instant real = outside().now() - shift_;
  if (real - at <= late) return {};
  PutForward put_forward;
  put_forward.at = at - first_;
  put_forward.times = times;
  put_forward.to = real - first_;
  recorder_.add(put_forward);
  return real;
}

std::shared_ptr<Happening> RecordingWorld::take_happening() {
  std::shared_ptr<Happening> what = std::move(arrivals_.front().what);
  arrivals_.pop_front();
  return what;
}

void RecordingWorld::begin_probe(const std::shared_ptr<Probing>& probing) {
  auto sink = std::make_unique<InnerSink>(*this, probing);
  InnerSink& inner = *sink.release();  // until it was answered, which happens exactly once
  probe_port_in(outside(), inner, 0, probing->to(), deadline_outside(probing->deadline()));
  inner.starting = false;
  if (!inner.at_once) return;
  delete &inner;
  probing->told_at_once();
}

void RecordingWorld::probe_told(const Probing& probing) {
  PortAsked asked;
  asked.to = probing.to();
  asked.ordinal = probing.ordinal();
  asked.patience = patience_of(probing.began(), probing.deadline());
  asked.took = now() - probing.began();
  asked.at_once = probing.at_once();
  asked.answer = probing.answer;
  recorder_.add(asked);
}

awaitable<Result<std::unique_ptr<Stream>>> RecordingWorld::do_connect(Endpoint to, Instant deadline) {
  Exchange exchange = begin(*this, Exchange::Kind::stream, deadline);
  exchange.to = to;
  const Instant began = now();
  const auto opening = std::make_shared<Opening<std::unique_ptr<Stream>>>();
  start(connect_outside(connect_in(outside(), to, deadline_outside(deadline)), opening), opening);
  const Wake wake = co_await wait_for(*opening);
  exchange.took = now() - began;
  if (wake != Wake::signalled)
    opening->result = Error(Reason::stopped, format_endpoint(to) + ": the run was stopped while connecting");
  if (opening->result) co_return recorded(*this, std::move(*opening->result), std::move(exchange));
  exchange.error = opening->result.error();
  recorder_.add(std::move(exchange));
  co_return opening->result.error();
}

awaitable<Result<std::unique_ptr<Datagram>>> RecordingWorld::do_open_datagram(Endpoint to, Instant deadline) {
  Exchange exchange = begin(*this, Exchange::Kind::datagram, deadline);
  exchange.to = to;
  const Instant began = now();
  const auto opening = std::make_shared<Opening<std::unique_ptr<Datagram>>>();
  start(open_outside(open_datagram_in(outside(), to, deadline_outside(deadline)), opening), opening);
  const Wake wake = co_await wait_for(*opening);
  exchange.took = now() - began;
  if (wake != Wake::signalled) opening->result = Error(Reason::stopped, format_endpoint(to) + ": the run was stopped");
  if (opening->result) co_return recorded(*this, std::move(*opening->result), std::move(exchange));
  exchange.error = opening->result.error();
  recorder_.add(std::move(exchange));
  co_return opening->result.error();
}

Result<std::unique_ptr<Echo>> RecordingWorld::do_open_echo(const IpAddress& to, std::size_t size) {
  Exchange exchange = begin(*this, Exchange::Kind::echo, never);
  exchange.to.address = to;
  exchange.to.port = static_cast<std::uint16_t>(size);
  Result<std::unique_ptr<Echo>> echo = open_echo_in(outside(), to, size);
  exchange.why_no_echo = outside().why_no_echo(to.family);
  note_no_echo(to.family, exchange.why_no_echo);
  if (echo) return recorded(*this, std::move(*echo), std::move(exchange));
  exchange.error = echo.error();
  recorder_.add(std::move(exchange));
  return echo.error();
}

awaitable<Result<std::vector<IpAddress>>> RecordingWorld::look_up(std::string name, Instant deadline) {
  Exchange exchange = begin(*this, Exchange::Kind::look_up, deadline);
  exchange.name = name;
  const Instant began = now();
  const auto opening = std::make_shared<Opening<std::vector<IpAddress>>>();
  start(look_up_outside(outside().look_up(name, deadline_outside(deadline)), opening), opening);
  const Wake wake = co_await wait_for(*opening);
  exchange.took = now() - began;
  if (wake != Wake::signalled) opening->result = Error(Reason::stopped, name + ": the run was stopped");
  if (opening->result) {
    exchange.addresses = *opening->result;
  } else {
    exchange.error = opening->result.error();
  }
  recorder_.add(std::move(exchange));
  co_return std::move(opening->result);
}

}  // namespace audit::net
