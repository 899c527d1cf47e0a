#include "net/traced_stream.hpp"

#include <fmt/format.h>

namespace audit::net {
namespace {

class TracedStream final : public Stream {
 public:
  TracedStream(std::unique_ptr<Stream> stream, World& world, Tracer& tracer, Duration connect_time)
      : stream_(std::move(stream)), world_(world), tracer_(tracer), connect_time_(connect_time),
        began_(world.now() - connect_time), sent_(tracer, format_endpoint(stream_->remote()), '>'),
        received_(tracer, format_endpoint(stream_->remote()), '<') {
    local_ = stream_->local();
    remote_ = stream_->remote();
  }
  ~TracedStream() override { tell(); }

  awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) override {
    const Result<std::size_t> got = co_await stream_->read_some(buffer, deadline);
    if (got) {
      received_.add(std::string_view(buffer.data(), *got));
    } else {
      ending_ = name_of(got.error().reason);
    }
    co_return got;
  }
  awaitable<Result<void>> write(std::string_view bytes, Instant deadline) override {
    const Result<void> written = co_await stream_->write(bytes, deadline);
    if (written) {
      sent_.add(bytes);
    } else {
      ending_ = name_of(written.error().reason);
    }
    co_return written;
  }
  awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) override {
    Result<TlsSession> session = co_await stream_->start_tls(std::move(settings), deadline);
    const bool ended = session && session->unfinished.empty();
    tls_ = ended ? fmt::format(", {} {} in {}", session->version, session->cipher,
                               trace_milliseconds(session->handshake_time))
                 : fmt::format(", TLS failed: {}", name_of(session ? Reason::tls_error : session.error().reason));
    co_return session;
  }
  void shutdown_send() override { stream_->shutdown_send(); }
  void close() override {
    stream_->close();
    tell();
  }
  bool silent() override { return stream_->silent(); }

 private:
  void tell() {
    if (told_) return;
    told_ = true;
    sent_.end();
    received_.end();
    tracer_.line(world_.wall(), "stream", format_endpoint(remote_),
                 fmt::format("open after {}{}, sent {} B, received {} B, {}, {} in all",
                             trace_milliseconds(connect_time_), tls_, sent_.count(), received_.count(),
                             ending_.empty() ? "closed here" : ending_, trace_milliseconds(world_.now() - began_)));
  }

  std::unique_ptr<Stream> stream_;
  World& world_;
  Tracer& tracer_;
  Duration connect_time_;
  Instant began_;
  Tracer::Direction sent_;
  Tracer::Direction received_;
  std::string tls_;
  std::string ending_;
  bool told_ = false;
};

class TracedDatagram final : public Datagram {
 public:
  TracedDatagram(std::unique_ptr<Datagram> datagram, World& world, Tracer& tracer)
      : datagram_(std::move(datagram)), world_(world), tracer_(tracer), began_(world.now()),
        sent_(tracer, format_endpoint(datagram_->remote()), '>'),
        received_(tracer, format_endpoint(datagram_->remote()), '<') {
    local_ = datagram_->local();
    remote_ = datagram_->remote();
  }
  ~TracedDatagram() override {
    sent_.end();
    received_.end();
    tracer_.line(
        world_.wall(), "datagram", format_endpoint(remote_),
        fmt::format("sent {} B in {}, received {} B in {}, {}, {} in all", sent_.count(), sends_, received_.count(),
                    replies_, ending_.empty() ? "closed here" : ending_, trace_milliseconds(world_.now() - began_)));
  }

  Result<void> send(std::string_view bytes) override { return note(datagram_->send(bytes), bytes); }
  Result<void> hear_other_ports() override {
    Result<void> done = datagram_->hear_other_ports();
    local_ = datagram_->local();
    return done;
  }
  awaitable<Result<DatagramReply>> receive(Instant deadline) override {
    Result<DatagramReply> reply = co_await datagram_->receive(deadline);
    icmp_ = datagram_->icmp();
    if (reply) {
      ++replies_;
      received_.add(reply->bytes);
    } else {
      ending_ = name_of(reply.error().reason);
    }
    co_return reply;
  }

 private:
  Result<void> do_answer(const Endpoint& to, std::string_view bytes) override {
    return note(pass_on(*datagram_, to, bytes), bytes);
  }
  Result<void> note(Result<void> sent, std::string_view bytes) {
    icmp_ = datagram_->icmp();
    if (sent) {
      ++sends_;
      sent_.add(bytes);
    } else {
      ending_ = name_of(sent.error().reason);
    }
    return sent;
  }

  std::unique_ptr<Datagram> datagram_;
  World& world_;
  Tracer& tracer_;
  Instant began_;
  Tracer::Direction sent_;
  Tracer::Direction received_;
  std::uint32_t sends_ = 0;
  std::uint32_t replies_ = 0;
  std::string ending_;
};

std::string_view name_of(PortEvent event) {
  switch (event) {
    case PortEvent::open: return "open";
    case PortEvent::closed: return "closed";
    case PortEvent::silent: return "silent";
    case PortEvent::unreachable: return "unreachable";
    case PortEvent::fault: return "local_fault";
    case PortEvent::stopped: return "stopped";
    case PortEvent::forbidden: return "out_of_scope";
    case PortEvent::not_recorded: return "not_recorded";
  }
  return "";
}

class TracedProbe final : public PortSink {
 public:
  TracedProbe(PortSink& sink, World& world, Tracer& tracer, const Endpoint& endpoint)
      : sink_(sink), world_(world), tracer_(tracer), endpoint_(endpoint) {}

  void answered(std::uint32_t token, const PortAnswer& answer) override {
    const std::unique_ptr<TracedProbe> self(this);
    const bool took = answer.event == PortEvent::open || answer.event == PortEvent::closed;
    tracer_.line(world_.wall(), "port", format_endpoint(endpoint_),
                 std::string(name_of(answer.event)) + (took ? " after " + trace_milliseconds(answer.took) : ""));
    sink_.answered(token, answer);
  }

 private:
  PortSink& sink_;
  World& world_;
  Tracer& tracer_;
  Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<Stream> traced(std::unique_ptr<Stream> stream, World& world, Tracer& tracer, Duration connect_time) {
  return std::make_unique<TracedStream>(std::move(stream), world, tracer, connect_time);
}

std::unique_ptr<Datagram> traced(std::unique_ptr<Datagram> datagram, World& world, Tracer& tracer) {
  return std::make_unique<TracedDatagram>(std::move(datagram), world, tracer);
}

PortSink& traced(PortSink& sink, World& world, Tracer& tracer, const Endpoint& endpoint) {
  return *new TracedProbe(sink, world, tracer, endpoint);  // until it is answered, which happens exactly once
}

}  // namespace audit::net
