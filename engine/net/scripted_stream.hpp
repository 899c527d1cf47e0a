#pragma once

#include <functional>

#include "net/scripted_world.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// A scripted peer's end of a TCP conversation.
class ScriptedStream final : public Stream {
 public:
  using Log = std::function<void(std::string_view)>;
  ScriptedStream(ScriptedWorld& world, const Endpoint& remote, std::vector<ScriptStep> steps, Log log);

  [[nodiscard]] awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) override;
  [[nodiscard]] awaitable<Result<void>> write(std::string_view bytes, Instant deadline) override;
  [[nodiscard]] awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) override;
  void shutdown_send() override {}
  void close() override { closed_ = true; }
  /// Of bytes alone: that it has ended is found by asking.
  [[nodiscard]] bool silent() override;

 private:
  /// Skips `expect` steps that what was written satisfies, and turns an `answer` into what is to be said.
  void hear();
  void advance();
  /// Waits until the peer comes to its step. Errors: timeout, stopped; eof and reset where the step is that.
  [[nodiscard]] awaitable<Result<void>> await_step(Instant ready, Instant deadline, std::string_view doing);

  ScriptedWorld& world_;
  std::vector<ScriptStep> steps_;
  std::size_t step_ = 0;
  std::size_t said_ = 0;
  bool closed_ = false;
  std::string heard_;
  std::string all_heard_;
  Log log_;
  Instant step_began_;
};

/// A scripted UDP peer: replies at once, stays silent, or is answered for by an ICMP error.
class ScriptedDatagram final : public Datagram {
 public:
  using Log = std::function<void(const Endpoint& to, std::string_view)>;
  /// The peer answers from `from_port`.
  ScriptedDatagram(ScriptedWorld& world, const Endpoint& remote, ScriptedWorld::DatagramPeers peer,
                   std::uint16_t from_port, const std::optional<IcmpError>& met, Log log);

  [[nodiscard]] Result<void> send(std::string_view bytes) override;
  [[nodiscard]] awaitable<Result<DatagramReply>> receive(Instant deadline) override;
  [[nodiscard]] Result<void> hear_other_ports() override;

 private:
  [[nodiscard]] Result<void> do_answer(const Endpoint& to, std::string_view bytes) override;

  ScriptedWorld& world_;
  ScriptedWorld::DatagramPeers peer_;
  std::uint16_t from_port_;
  bool hears_other_ports_ = false;
  std::optional<IcmpError> met_;
  Log log_;
  std::deque<std::string> replies_;
};

}  // namespace audit::net
