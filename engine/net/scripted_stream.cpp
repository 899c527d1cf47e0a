#include "net/scripted_stream.hpp"

#include <algorithm>
#include <cerrno>

#include "net/system_error.hpp"

namespace audit::net {

ScriptedStream::ScriptedStream(ScriptedWorld& world, const Endpoint& remote, std::vector<ScriptStep> steps, Log log)
    : world_(world), steps_(std::move(steps)), log_(std::move(log)), step_began_(world.now()) {
  remote_ = remote;
  local_.address = remote.address;
  local_.port = 40'000;
}

void ScriptedStream::advance() {
  ++step_;
  said_ = 0;
  step_began_ = std::max(world_.now(), step_began_ + steps_[step_ - 1].delay);
}

void ScriptedStream::hear() {
  while (step_ < steps_.size() && steps_[step_].kind == ScriptStep::Kind::expect) {
    const std::size_t found = heard_.find(steps_[step_].bytes);
    if (found == std::string::npos) return;
    heard_.erase(0, found + steps_[step_].bytes.size());
    advance();
  }
  if (step_ == steps_.size() || steps_[step_].kind != ScriptStep::Kind::answer) return;
  if (std::optional<std::string> bytes = steps_[step_].make(all_heard_); bytes && !bytes->empty())
    steps_[step_] = ScriptStep::say(std::move(*bytes), steps_[step_].delay, steps_[step_].split);
}

bool ScriptedStream::silent() {
  hear();
  const bool says = step_ < steps_.size() && steps_[step_].kind == ScriptStep::Kind::say;
  return !says || world_.now() < step_began_ + steps_[step_].delay;
}

awaitable<Result<std::size_t>> ScriptedStream::read_some(std::span<char> buffer, Instant deadline) {
  hear();
  if (closed_) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
  const ScriptStep step = step_ < steps_.size() ? steps_[step_] : ScriptStep::end();
  const bool mute = step.kind == ScriptStep::Kind::hang || step.kind == ScriptStep::Kind::expect ||
                    step.kind == ScriptStep::Kind::answer || step.kind == ScriptStep::Kind::tls;
  // A peer speaks by its own clock, whether anybody listens or not.
  const Instant ready = mute ? never : step_began_ + step.delay;
  const Result<void> come = co_await await_step(ready, deadline, "reading");
  if (!come) co_return come.error();
  std::size_t count = std::min(buffer.size(), step.bytes.size() - said_);
  if (step.split > 0) count = std::min(count, step.split);
  std::copy_n(step.bytes.begin() + static_cast<std::ptrdiff_t>(said_), count, buffer.begin());
  world_.note(remote_, ScriptedWorld::Said::What::received, std::string_view(buffer.data(), count));
  said_ += count;
  if (said_ == step.bytes.size()) advance();
  co_return count;
}

awaitable<Result<void>> ScriptedStream::await_step(Instant ready, Instant deadline, std::string_view doing) {
  if (world_.now() < ready) {
    Sleeper sleeper(world_.deadlines());
    const Wake wake = co_await sleeper.sleep(std::min(deadline, ready));
    if (wake == Wake::stopped) co_return Error(Reason::stopped, format_endpoint(remote_) + ": the run was stopped");
    if (world_.now() < ready) {
      world_.note(remote_, ScriptedWorld::Said::What::waited_in_vain);
      co_return Error(Reason::timeout, format_endpoint(remote_) + ": the deadline passed while " + std::string(doing));
    }
  }
  const ScriptStep::Kind kind = step_ < steps_.size() ? steps_[step_].kind : ScriptStep::Kind::end;
  if (kind == ScriptStep::Kind::reset) {
    world_.note(remote_, ScriptedWorld::Said::What::reset);
    co_return errno_error(ECONNRESET, FaultSource::network, remote_);
  }
  if (kind != ScriptStep::Kind::end) co_return Result<void>();
  world_.note(remote_, ScriptedWorld::Said::What::closed);
  co_return Error(Reason::eof, format_endpoint(remote_) + ": the peer closed the connection");
}

awaitable<Result<TlsSession>> ScriptedStream::start_tls(TlsSettings settings, Instant deadline) {
  hear();
  if (closed_) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
  ScriptedWorld::Handshake begun;
  begun.to = remote_;
  begun.settings = std::move(settings);
  world_.handshakes_.push_back(std::move(begun));
  const ScriptStep step = step_ < steps_.size() ? steps_[step_] : ScriptStep::end();
  const bool mute = step.kind == ScriptStep::Kind::hang || step.kind == ScriptStep::Kind::expect;
  const Instant began = world_.now();
  // Unlike what it says of its own accord, a peer's answer to a handshake comes after the question.
  const Instant ready = mute                                 ? never
                        : step.kind == ScriptStep::Kind::tls ? began + step.delay
                                                             : step_began_ + step.delay;
  const Result<void> come = co_await await_step(ready, deadline, "reading (in the TLS handshake)");
  if (!come) co_return come.error();
  if (step.kind != ScriptStep::Kind::tls)
    co_return Error(Reason::tls_error, format_endpoint(remote_) + ": the server does not answer in TLS");
  advance();
  step_began_ = world_.now();
  world_.note(remote_, ScriptedWorld::Said::What::handshake);
  Result<TlsSession> session = *step.handshake;
  if (session) session->handshake_time = world_.now() - began;
  co_return session;
}

awaitable<Result<void>> ScriptedStream::write(std::string_view bytes, Instant /*deadline*/) {
  if (closed_) co_return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
  log_(bytes);
  if (step_ < steps_.size() && steps_[step_].kind == ScriptStep::Kind::reset)
    co_return errno_error(ECONNRESET, FaultSource::network, remote_);
  heard_ += bytes;
  all_heard_ += bytes;
  hear();
  co_return Result<void>();
}

ScriptedDatagram::ScriptedDatagram(ScriptedWorld& world, const Endpoint& remote, ScriptedWorld::DatagramPeers peer,
                                   std::uint16_t from_port, const std::optional<IcmpError>& met, Log log)
    : world_(world), peer_(std::move(peer)), from_port_(from_port), met_(met), log_(std::move(log)) {
  remote_ = remote;
  local_.transport = Transport::udp;  // its address stays unspecified, which no ICMP error comes from
}

Result<void> ScriptedDatagram::send(std::string_view bytes) {
  log_(remote_, bytes);
  if (!peer_) return {};
  for (std::string& reply : peer_(bytes))
    if (hears_other_ports_ || from_port_ == remote_.port) replies_.push_back(std::move(reply));
  return {};
}

Result<void> ScriptedDatagram::hear_other_ports() {
  hears_other_ports_ = true;
  return {};
}

Result<void> ScriptedDatagram::do_answer(const Endpoint& to, std::string_view bytes) {
  log_(to, bytes);
  return {};
}

awaitable<Result<DatagramReply>> ScriptedDatagram::receive(Instant deadline) {
  if (met_) {
    world_.note(remote_, ScriptedWorld::Said::What::refused);
    icmp_ = met_;
    co_return icmp_refusal(*met_, remote_, local_.address);
  }
  if (replies_.empty()) {
    Sleeper sleeper(world_.deadlines());
    const Wake wake = co_await sleeper.sleep(deadline);
    if (wake == Wake::stopped) co_return Error(Reason::stopped, format_endpoint(remote_) + ": the run was stopped");
    world_.note(remote_, ScriptedWorld::Said::What::waited_in_vain);
    co_return Error(Reason::timeout, format_endpoint(remote_) + ": no reply in time");
  }
  DatagramReply reply;
  reply.bytes = std::move(replies_.front());
  reply.from = remote_;
  reply.from.port = from_port_;
  replies_.pop_front();
  world_.note(reply.from, ScriptedWorld::Said::What::received, reply.bytes);
  co_return reply;
}

}  // namespace audit::net
