#include "net/recorded_exchange.hpp"

#include <algorithm>

namespace audit::net {
namespace {

/// What is kept of one conversation: enough for any that a rule may hold, little enough for the file's reader.
constexpr std::size_t most_bytes = std::size_t{80} << 20U;
constexpr std::size_t bytes_of_a_step = 64;

/// The steps of one conversation, until it is written down: once, when it ends.
class Notes {
 public:
  Notes(RecordingWorld& world, Exchange exchange) : world_(world), exchange_(std::move(exchange)) {}
  ~Notes() { world_.recorder().add(std::move(exchange_)); }
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;

  void hears_other_ports(const Endpoint& local) {
    exchange_.other_ports = true;
    exchange_.local = local;
  }
  /// A step that begins now.
  [[nodiscard]] Step begin(Step::Kind kind, Instant deadline) {
    Step step;
    step.kind = kind;
    step.patience = patience_of(world_.now(), deadline);
    step.took = world_.since_start();
    return step;
  }
  /// It has ended. Beyond the cap nothing is kept, so that a replay ends there as not recorded.
  void end(Step step) {
    step.took = world_.since_start() - step.took;
    bytes_ += bytes_of_a_step + step.asked.size() + step.got.size() + (step.error ? step.error->message.size() : 0);
    full_ = full_ || bytes_ > most_bytes || exchange_.steps.size() >= most_items;
    if (!full_) exchange_.steps.push_back(std::move(step));
  }

 private:
  RecordingWorld& world_;
  Exchange exchange_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

struct Reading final : Awaited {
  explicit Reading(std::size_t size) : buffer(size, '\0') {}
  std::string buffer;
  Result<std::size_t> result = Error(Reason::stopped, "");
};
struct Writing final : Awaited {
  explicit Writing(std::string_view bytes_in) : bytes(bytes_in) {}
  std::string bytes;
  Result<void> result = Error(Reason::stopped, "");
};
struct Securing final : Awaited {
  Result<TlsSession> result = Error(Reason::stopped, "");
};
struct Receiving final : Awaited {
  Result<DatagramReply> result = Error(Reason::stopped, "");
};
struct EchoReceiving final : Awaited {
  Result<EchoAnswer> result = Error(Reason::stopped, "");
};

// The conversation is held by what goes on outside, too: who began it may be gone before it ends.
awaitable<void> read_outside(std::shared_ptr<Stream> stream, std::shared_ptr<Reading> reading, Instant deadline) {
  const std::span<char> room(reading->buffer);
  reading->result = co_await stream->read_some(room, deadline);
}
awaitable<void> write_outside(std::shared_ptr<Stream> stream, std::shared_ptr<Writing> writing, Instant deadline) {
  writing->result = co_await stream->write(writing->bytes, deadline);
}
awaitable<void> secure_outside(std::shared_ptr<Stream> stream, TlsSettings settings, std::shared_ptr<Securing> securing,
                               Instant deadline) {
  securing->result = co_await stream->start_tls(std::move(settings), deadline);
}
awaitable<void> receive_outside(std::shared_ptr<Datagram> datagram, std::shared_ptr<Receiving> receiving,
                                Instant deadline) {
  receiving->result = co_await datagram->receive(deadline);
}
awaitable<void> hear_outside(std::shared_ptr<Echo> echo, std::shared_ptr<EchoReceiving> receiving, Instant deadline) {
  receiving->result = co_await echo->receive(deadline);
}

class RecordedStream final : public Stream {
 public:
  RecordedStream(RecordingWorld& world, std::unique_ptr<Stream> stream, Exchange exchange)
      : world_(world), stream_(std::move(stream)), notes_(world, std::move(exchange)) {
    local_ = stream_->local();
    remote_ = stream_->remote();
  }
  ~RecordedStream() override { stream_->close(); }
  RecordedStream(const RecordedStream&) = delete;
  RecordedStream& operator=(const RecordedStream&) = delete;

  awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) override {
    Step step = notes_.begin(Step::Kind::read, deadline);
    const auto reading = std::make_shared<Reading>(buffer.size());
    world_.start(read_outside(stream_, reading, world_.deadline_outside(deadline)), reading);
    const Wake wake = co_await world_.wait_for(*reading);
    if (wake != Wake::signalled) reading->result = stopped();
    if (reading->result) {
      step.got.assign(reading->buffer, 0, *reading->result);
      std::copy(step.got.begin(), step.got.end(), buffer.begin());
    } else {
      step.error = reading->result.error();
    }
    notes_.end(std::move(step));
    co_return reading->result;
  }

  awaitable<Result<void>> write(std::string_view bytes, Instant deadline) override {
    if (bytes.empty()) co_return Result<void>();
    Step step = notes_.begin(Step::Kind::write, deadline);
    step.asked = bytes;
    const auto writing = std::make_shared<Writing>(bytes);
    world_.start(write_outside(stream_, writing, world_.deadline_outside(deadline)), writing);
    const Wake wake = co_await world_.wait_for(*writing);
    if (wake != Wake::signalled) writing->result = stopped();
    if (!writing->result) step.error = writing->result.error();
    notes_.end(std::move(step));
    co_return writing->result;
  }

  awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) override {
    Step step = notes_.begin(Step::Kind::tls, deadline);
    step.asked = encode_tls_settings(settings);
    const auto securing = std::make_shared<Securing>();
    world_.start(secure_outside(stream_, std::move(settings), securing, world_.deadline_outside(deadline)), securing);
    const Wake wake = co_await world_.wait_for(*securing);
    if (wake != Wake::signalled) securing->result = stopped();
    if (securing->result) {
      step.got = encode_tls_session(*securing->result);
    } else {
      step.error = securing->result.error();
    }
    notes_.end(std::move(step));
    co_return securing->result;
  }

  void shutdown_send() override {
    notes_.end(notes_.begin(Step::Kind::end_sending, never));
    stream_->shutdown_send();
  }
  void close() override { stream_->close(); }
  bool silent() override { return stream_->silent(); }  // nothing goes on outside while nobody waits for it

 private:
  [[nodiscard]] Error stopped() const { return {Reason::stopped, format_endpoint(remote_) + ": the run was stopped"}; }

  RecordingWorld& world_;
  std::shared_ptr<Stream> stream_;
  Notes notes_;
};

class RecordedDatagram final : public Datagram {
 public:
  RecordedDatagram(RecordingWorld& world, std::unique_ptr<Datagram> datagram, Exchange exchange)
      : world_(world), datagram_(std::move(datagram)), notes_(world, std::move(exchange)) {
    local_ = datagram_->local();
    remote_ = datagram_->remote();
  }

  Result<void> send(std::string_view bytes) override {
    Step step = notes_.begin(Step::Kind::send, never);
    step.asked = bytes;
    Result<void> sent = datagram_->send(bytes);
    step.icmp = icmp_ = datagram_->icmp();
    if (!sent) step.error = sent.error();
    notes_.end(std::move(step));
    return sent;
  }

  Result<void> hear_other_ports() override {
    Result<void> done = datagram_->hear_other_ports();
    local_ = datagram_->local();
    notes_.hears_other_ports(local_);
    return done;
  }

  awaitable<Result<DatagramReply>> receive(Instant deadline) override {
    Step step = notes_.begin(Step::Kind::receive, deadline);
    const auto receiving = std::make_shared<Receiving>();
    world_.start(receive_outside(datagram_, receiving, world_.deadline_outside(deadline)), receiving);
    const Wake wake = co_await world_.wait_for(*receiving);
    if (wake != Wake::signalled)
      receiving->result = Error(Reason::stopped, format_endpoint(remote_) + ": the run was stopped");
    step.icmp = icmp_ = datagram_->icmp();
    if (receiving->result) {
      step.got = receiving->result->bytes;
      step.peer = receiving->result->from;
    } else {
      step.error = receiving->result.error();
    }
    notes_.end(std::move(step));
    co_return std::move(receiving->result);
  }

 private:
  Result<void> do_answer(const Endpoint& to, std::string_view bytes) override {
    Step step = notes_.begin(Step::Kind::answer, never);
    step.asked = bytes;
    step.peer = to;
    Result<void> sent = pass_on(*datagram_, to, bytes);
    step.icmp = icmp_ = datagram_->icmp();
    if (!sent) step.error = sent.error();
    notes_.end(std::move(step));
    return sent;
  }

  RecordingWorld& world_;
  std::shared_ptr<Datagram> datagram_;
  Notes notes_;
};

class RecordedEcho final : public Echo {
 public:
  RecordedEcho(RecordingWorld& world, std::unique_ptr<Echo> echo, Exchange exchange)
      : world_(world), echo_(std::move(echo)), notes_(world, std::move(exchange)) {
    remote_ = echo_->remote();
    method_ = echo_->method();
    payload_ = echo_->payload();
  }
  ~RecordedEcho() override { echo_->cancel(); }
  RecordedEcho(const RecordedEcho&) = delete;
  RecordedEcho& operator=(const RecordedEcho&) = delete;

  Result<void> send() override {
    Step step = notes_.begin(Step::Kind::echo_send, never);
    Result<void> sent = echo_->send();
    if (!sent) step.error = sent.error();
    notes_.end(std::move(step));
    return sent;
  }

  awaitable<Result<EchoAnswer>> receive(Instant deadline) override {
    const std::string host = format_address(remote_);
    if (cancelled_) co_return Error(Reason::timeout, host + ": no longer waited for");
    Step step = notes_.begin(Step::Kind::echo_receive, deadline);
    waiting_ = std::make_shared<EchoReceiving>();
    const std::shared_ptr<EchoReceiving> receiving = waiting_;
    world_.start(hear_outside(echo_, receiving, world_.deadline_outside(deadline)), receiving);
    const Wake wake = co_await world_.wait_for(*receiving);
    waiting_.reset();
    if (wake != Wake::signalled) receiving->result = Error(Reason::stopped, host + ": the run was stopped");
    if (receiving->result) {
      step.echo = *receiving->result;
    } else {
      step.error = receiving->result.error();
    }
    step.duplicates = duplicates_ = echo_->duplicates();
    step.foreign = foreign_ = echo_->foreign();
    notes_.end(std::move(step));
    if (wake == Wake::deadline) co_return Error(Reason::timeout, host + ": no longer waited for");
    co_return std::move(receiving->result);
  }

  void cancel() override {
    cancelled_ = true;
    if (waiting_) waiting_->cancel();
    echo_->cancel();
  }

 private:
  RecordingWorld& world_;
  std::shared_ptr<Echo> echo_;
  Notes notes_;
  std::shared_ptr<EchoReceiving> waiting_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<Stream> recorded(RecordingWorld& world, std::unique_ptr<Stream> stream, Exchange exchange) {
  exchange.local = stream->local();
  return std::make_unique<RecordedStream>(world, std::move(stream), std::move(exchange));
}

std::unique_ptr<Datagram> recorded(RecordingWorld& world, std::unique_ptr<Datagram> datagram, Exchange exchange) {
  exchange.local = datagram->local();
  return std::make_unique<RecordedDatagram>(world, std::move(datagram), std::move(exchange));
}

std::unique_ptr<Echo> recorded(RecordingWorld& world, std::unique_ptr<Echo> echo, Exchange exchange) {
  exchange.method = echo->method();
  return std::make_unique<RecordedEcho>(world, std::move(echo), std::move(exchange));
}

}  // namespace audit::net
