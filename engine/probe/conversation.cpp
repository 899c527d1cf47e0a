#include "probe/conversation.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/jitter.hpp"
#include "probe/options.hpp"
#include "probe/tls_fields.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t most_transcript_bytes = 4'096;
constexpr std::uint32_t fault_attempts = 6;
constexpr Duration first_pause = std::chrono::milliseconds(50);

}  // namespace

Result<ConnectOptions> ConnectOptions::read(Context& context, const Value::Object& table) {
  Options options("connect", table);
  const ConnectOptions read(options.seconds("timeout", context.target().limits().timeout));
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

Conversation::Conversation(Context& context, std::unique_ptr<net::Stream> stream, net::Place place,
                           std::shared_ptr<Observation> observation)
    : context_(context), stream_(std::move(stream)), reader_(*stream_), place_(std::move(place)),
      observation_(std::move(observation)) {}

Duration Conversation::default_timeout() const { return context_.target().limits().timeout; }

void Conversation::note(std::string_view key, std::string_view bytes) {
  auto& fields = *observation_->fields.get_if<Value::Object>();
  auto& kept = fields[key];
  if (kept.empty()) kept = std::string();
  auto& text = *kept.get_if<std::string>();
  const std::size_t room = most_transcript_bytes - std::min(most_transcript_bytes, text.size());
  text += bytes.substr(0, room);
  auto& total = fields[std::string(key) + "_bytes"];
  const auto* before = total.get_if<std::int64_t>();
  total = (before == nullptr ? 0 : *before) + static_cast<std::int64_t>(bytes.size());
}

Result<std::string> Conversation::heard(Result<std::string> bytes) {
  if (bytes) {
    const std::size_t known = std::min(noted_ahead_, bytes->size());
    noted_ahead_ -= known;
    if (known < bytes->size()) note("received", std::string_view(*bytes).substr(known));
    observation_->reason = Reason::observed;
    observation_->message.clear();
  } else {
    if (bytes.error().reason == Reason::reset) context_.target().bearing().lost();
    const std::string_view ahead = std::string_view(reader_.pending()).substr(noted_ahead_);
    if (!ahead.empty()) note("received", ahead);
    noted_ahead_ = reader_.pending().size();
    note_failure(*observation_, bytes.error());
  }
  return bytes;
}

awaitable<Result<std::string>> Conversation::read_some(std::size_t most, Duration timeout) {
  Result<std::string> bytes = co_await reader_.read_some(most, context_.within(timeout));
  co_return heard(std::move(bytes));
}

awaitable<Result<std::string>> Conversation::read_exactly(std::size_t count, Duration timeout) {
  Result<std::string> bytes = co_await reader_.read_exactly(count, context_.within(timeout));
  co_return heard(std::move(bytes));
}

awaitable<Result<std::string>> Conversation::read_until(std::string delimiter, std::size_t cap, Duration timeout) {
  Result<std::string> bytes = co_await reader_.read_until(std::move(delimiter), cap, context_.within(timeout));
  co_return heard(std::move(bytes));
}

awaitable<Result<std::string>> Conversation::read_line(std::size_t cap, Duration timeout) {
  Result<std::string> bytes = co_await reader_.read_line(cap, context_.within(timeout));
  co_return heard(std::move(bytes));
}

awaitable<Result<void>> Conversation::write(std::string bytes, Duration timeout, std::string shown) {
  Result<void> written = co_await stream_->write(bytes, context_.within(timeout));
  if (written) {
    note("sent", shown.empty() ? bytes : shown);
  } else {
    note_failure(*observation_, written.error());
  }
  co_return written;
}

awaitable<Result<void>> Conversation::write_sealed(std::shared_ptr<const Sealed> sealed, Duration timeout) {
  const Result<void> allowed = permit(context_, *sealed, stream_->remote(), channel_);
  if (!allowed) {
    note_failure(*observation_, allowed.error());
    co_return allowed;
  }
  Result<void> written = co_await write(sealed->bytes, timeout, sealed->shown);
  co_return written;
}

awaitable<Result<net::TlsSession>> Conversation::start_tls(net::TlsSettings settings, Duration timeout) {
  Result<net::TlsSession> session = Error();
  if (reader_.pending().empty()) {
    session = co_await stream_->start_tls(std::move(settings), context_.within(timeout));
  } else {
    session = Error(Reason::protocol_error,
                    fmt::format("{}: the server said {} more in clear before the TLS handshake (CVE-2011-0411): \"{}\"",
                                format_endpoint(stream_->remote()), counted(reader_.pending().size(), "byte"),
                                visible(reader_.pending(), 40)));
  }
  if (session && !session->unfinished.empty()) {
    auto& fields = *observation_->fields.get_if<Value::Object>();
    fields["tls"] = capped(unfinished_tls_fields(*session, context_.world().wall()), most_transcript_bytes);
    session = Error(Reason::tls_error, session->unfinished);
  }
  if (session) {
    channel_ = channel_of(*session);
    observation_->reason = Reason::observed;
    observation_->message.clear();
    auto& fields = *observation_->fields.get_if<Value::Object>();
    fields["tls"] = tls_summary(*session);
  } else {
    note_failure(*observation_, session.error());
  }
  co_return session;
}

void Conversation::shutdown_send() { stream_->shutdown_send(); }

void Conversation::close() {
  if (closed_) return;
  closed_ = true;
  if (observation_->reason != Reason::reset && observation_->reason != Reason::timeout)
    context_.target().bearing().answered();
  stream_->close();
  place_.release();
  held_.reset();
  context_.ended(*observation_);
}

void Conversation::pause() { context_.ended(*observation_); }

void Conversation::continue_as(std::shared_ptr<Observation> observation) {
  observation->local = observation_->local;
  observation->remote = observation_->remote;
  Value::Object fields;
  if (const Value* tls = observation_->fields.find("tls")) fields["tls"] = *tls;
  observation->fields = std::move(fields);
  observation_ = std::move(observation);
}

awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint, ConnectOptions options,
                                                         std::string word) {
  ++context.target().services().counters.asked;
  std::shared_ptr<Observation> observation = context.begin(std::move(word), format_endpoint(endpoint));
  auto conversation = co_await connect(context, endpoint, options, std::move(observation));
  co_return conversation;
}

awaitable<Result<std::unique_ptr<Conversation>>> open_stream(Context& context, Endpoint endpoint,
                                                             ConnectOptions options) {
  ++context.target().services().counters.asked;
  std::shared_ptr<Observation> observation = context.begin("connect", format_endpoint(endpoint));
  Result<std::shared_ptr<void>> leave = co_await context.leave_to_hold(endpoint);
  if (!leave) {
    const Answer failed = context.fail(observation, leave.error());
    co_return leave.error();
  }
  auto conversation = co_await connect(context, endpoint, options, std::move(observation));
  if (conversation) (*conversation)->hold(context.stream_held(endpoint, std::move(*leave)));
  co_return conversation;
}

awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint, ConnectOptions options,
                                                         std::shared_ptr<Observation> observation) {
  Target& target = context.target();
  net::World& world = context.world();
  Result<net::Place> place = co_await target.admit_to(endpoint, context.deadline(), context.holding());
  if (!place) {
    const Answer failed = context.fail(observation, place.error());
    co_return place.error();
  }
  const Instant began = world.now();
  for (std::uint32_t attempt = 1;; ++attempt) {
    observation->attempts = attempt;
    const Instant deadline = context.within(options.timeout);
    net::KeptConnections* kept = &target.kept();
    Result<std::unique_ptr<net::Stream>> stream = co_await world.connect(endpoint, target.permit(), deadline, kept);
    if (stream) {
      target.note_life(endpoint.address);
      observation->reason = Reason::observed;
      observation->local = format_socket((*stream)->local().address, (*stream)->local().port);
      observation->remote = format_socket((*stream)->remote().address, (*stream)->remote().port);
      Value::Object fields;
      fields["connect_time"] = seconds((*stream)->connected_before().value_or(world.now() - began));
      observation->fields = std::move(fields);
      auto conversation = std::make_unique<Conversation>(context, std::move(*stream), std::move(*place), observation);
      co_return conversation;
    }
    const Error error = stream.error();
    if (error.reason == Reason::timeout || error.reason == Reason::reset) target.bearing().lost();
    if (error.reason == Reason::refused || error.reason == Reason::reset) target.note_life(endpoint.address);
    const bool again =
        error.reason == Reason::local_fault && attempt < fault_attempts && world.now() < context.deadline();
    if (error.reason == Reason::local_fault) ++target.services().counters.local_faults;
    if (!again) {
      const Answer failed = context.fail(observation, error);
      co_return error;
    }
    net::Sleeper pause(world.deadlines());
    const net::Wake slept = co_await pause.sleep(
        std::min(context.deadline(), world.now() + net::jittered(world, first_pause * (1U << (attempt - 1)))));
    if (slept == net::Wake::stopped) {
      const Error stopped(Reason::stopped, format_endpoint(endpoint) + ": the run was stopped");
      const Answer failed = context.fail(observation, stopped);
      co_return stopped;
    }
    ++target.services().counters.retried;
  }
}

}  // namespace audit::probe
