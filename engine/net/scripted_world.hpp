#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>

#include "net/scripted_echo.hpp"
#include "net/world.hpp"

namespace audit::net {

/// One step of a scripted peer's side of a conversation.
struct ScriptStep {
  using Make = std::function<std::optional<std::string>(std::string_view)>;
  enum class Kind : std::uint8_t { say, expect, answer, tls, end, reset, hang };
  Kind kind = Kind::hang;
  std::string bytes;                                    // said, or waited for
  Duration delay{};                                     // after the step before it, before it is said or done
  std::size_t split = 0;                                // say at most so many bytes a read; 0 for all
  Make make;                                            // of an answer: what to say to all that was heard so far
  std::shared_ptr<const Result<TlsSession>> handshake;  // how TLS goes, once it is begun

  [[nodiscard]] static ScriptStep say(std::string bytes, Duration delay = {}, std::size_t split = 0);
  [[nodiscard]] static ScriptStep expect(std::string bytes);
  /// Says what `make` gives, once what was heard is enough for it.
  [[nodiscard]] static ScriptStep answer(Make make, std::size_t split = 0);
  /// Answers a TLS handshake: with this session, or this error.
  [[nodiscard]] static ScriptStep tls(TlsSession session, Duration delay = {});
  [[nodiscard]] static ScriptStep tls(Error error, Duration delay = {});
  [[nodiscard]] static ScriptStep end();
  [[nodiscard]] static ScriptStep reset();
  [[nodiscard]] static ScriptStep hang();
};

/// How one scripted port behaves; of a UDP port only its faults count, `datagrams` says the rest.
struct ScriptedPort {
  PortEvent event = PortEvent::open;
  Duration round_trip = std::chrono::milliseconds(1);
  std::uint32_t faults_first = 0;             // so many local faults before it behaves
  std::vector<ScriptStep> steps;              // once connected; the stream ends after the last
  std::deque<std::vector<ScriptStep>> later;  // what the connections after that meet, in turn; the last one repeats
};

/// A network made of declarations and a clock that jumps: whatever waits, waits no real time. For tests; one thread.
class ScriptedWorld final : public World {
 public:
  using DatagramPeer = std::function<std::optional<std::string>(std::string_view)>;
  using DatagramPeers = std::function<std::vector<std::string>(std::string_view)>;
  struct Sent {
    Endpoint to;
    std::string bytes;  // "" for a connect
  };
  struct Handshake {
    Endpoint to;
    TlsSettings settings;
  };

  /// One thing that happened on a connection or between datagram sockets.
  struct Said {
    enum class What : std::uint8_t { connected, refused, sent, received, closed, reset, waited_in_vain, handshake };
    Instant when;
    Endpoint peer;
    What what = What::connected;
    std::string bytes;
  };

  explicit ScriptedWorld(asio::io_context& io, std::uint64_t seed = 1);
  ~ScriptedWorld() override;

  /// A host answers with `other` on ports that were not declared.
  void host(const IpAddress& address, PortEvent other = PortEvent::closed);
  void port(const Endpoint& endpoint, ScriptedPort behaviour);
  /// What a UDP port replies, if anything.
  void datagrams(const Endpoint& endpoint, DatagramPeer peer);
  /// The same, with any number of replies to each datagram.
  void many_datagrams(const Endpoint& endpoint, DatagramPeers peer);
  /// A UDP port answers from another one (RFC 1350 section 4).
  void answers_from(const Endpoint& endpoint, std::uint16_t port) { answers_from_[endpoint] = port; }
  /// The ICMP error that a UDP port's datagrams meet.
  void icmp(const Endpoint& endpoint, const IcmpError& error);
  /// A host that answers echoes; the others are silent.
  void echoes(const IpAddress& address, const ScriptedEcho& script = {}) { echoes_[address] = script; }
  /// This machine gives no ICMP sockets.
  void no_echo(std::string why) { why_no_echo_ = std::move(why); }
  void name(const std::string& name, std::vector<IpAddress> addresses);
  /// How many port probes may be in flight.
  void lanes(std::uint32_t most) { lanes_most_ = most; }
  /// Runs everything that was spawned on the io_context to its end, jumping from deadline to deadline.
  void run() override;
  /// One jump of the clock, no farther than `until`; false where nothing waits before that.
  bool step(Instant until);
  /// The clock jumps to `until`, with nothing on the way.
  void sleep_until(Instant until) { now_ = std::max(now_, until); }

  [[nodiscard]] const std::vector<Sent>& sent() const noexcept { return sent_; }
  /// Every conversation, in the order of time; the sweep aside.
  [[nodiscard]] const std::vector<Said>& said() const noexcept { return said_; }
  /// The TLS handshakes that were begun.
  [[nodiscard]] const std::vector<Handshake>& handshakes() const noexcept { return handshakes_; }
  /// Whom echoes were sent to, one entry a request.
  [[nodiscard]] const std::vector<IpAddress>& echoed() const noexcept { return echoed_; }
  [[nodiscard]] std::uint32_t most_in_flight() const noexcept { return most_in_flight_; }

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] WallTime wall() const override;
  void random(std::span<std::uint8_t> bytes) override;
  [[nodiscard]] bool port_lane_free() const override { return in_flight_ < lanes_most_; }
  [[nodiscard]] std::string why_no_echo(Family /*family*/) const override { return why_no_echo_; }
  [[nodiscard]] awaitable<Result<std::vector<IpAddress>>> look_up(std::string name, Instant deadline) override;

 protected:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> do_connect(Endpoint to, Instant deadline) override;
  [[nodiscard]] awaitable<Result<std::unique_ptr<Datagram>>> do_open_datagram(Endpoint to, Instant deadline) override;
  [[nodiscard]] Result<std::unique_ptr<Echo>> do_open_echo(const IpAddress& to, std::size_t size) override;
  void do_probe_port(PortSink& sink, std::uint32_t token, const Endpoint& to, Instant deadline,
                     KeptConnections* kept) override;

 private:
  friend class ScriptedStream;
  friend class ScriptedDatagram;
  struct Answering;
  [[nodiscard]] ScriptedPort behaviour_of(const Endpoint& to);
  void note(const Endpoint& peer, Said::What what, std::string_view bytes = {}) {
    said_.push_back({now_, peer, what, std::string(bytes)});
  }

  Instant now_{std::chrono::hours(1)};
  std::mt19937_64 random_;
  std::map<IpAddress, PortEvent> hosts_;
  std::map<Endpoint, ScriptedPort> ports_;
  std::map<Endpoint, DatagramPeers> datagrams_;
  std::map<Endpoint, std::uint16_t> answers_from_;
  std::map<Endpoint, IcmpError> icmp_;
  std::map<IpAddress, ScriptedEcho> echoes_;
  std::vector<IpAddress> echoed_;
  std::string why_no_echo_;
  std::map<std::string, std::vector<IpAddress>> names_;
  std::vector<Sent> sent_;
  std::vector<Said> said_;
  std::vector<Handshake> handshakes_;
  std::deque<std::unique_ptr<Answering>> answering_;
  std::uint32_t lanes_most_ = 256;
  std::uint32_t in_flight_ = 0;
  std::uint32_t most_in_flight_ = 0;
};

}  // namespace audit::net
