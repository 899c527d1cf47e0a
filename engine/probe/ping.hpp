#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `ping`: count (requests to each host, 1-100, default 3), interval (s between two, default 0.2), timeout (s
/// for a reply, default the target's), size (bytes of payload, 16-65507, default 56).
struct PingOptions {
  std::uint32_t count;
  Duration interval;
  Duration timeout;
  std::size_t size;

  [[nodiscard]] static Result<PingOptions> read(Context& context, const Value::Object& table);
  PingOptions(std::uint32_t count_in, Duration interval_in, Duration timeout_in, std::size_t size_in)
      : count(count_in), interval(interval_in), timeout(timeout_in), size(size_in) {}
};

/// What the requests to one host met.
struct Pings {
  std::string method;  // "icmp", "icmp-raw", "tcp"
  std::uint32_t sent = 0;
  std::uint32_t settled = 0;  // of these, the ones that something came for
  std::uint32_t duplicates = 0;
  std::uint32_t foreign = 0;
  std::uint32_t late = 0;             // replies after their timeout: not believed
  std::vector<Duration> round_trips;  // of the requests that were replied to
  std::uint16_t port = 0;             // TCP: that was connected to
  std::string refusal;                // what an ICMP error said last
  std::string no_icmp;                // TCP: why there was no ICMP
};

/// Echoes by ICMP; by TCP connects, of which a SYN-ACK or RST is a reply, where this machine gives no ICMP socket.
/// Errors: local_fault, out_of_scope, timeout (the deadline came before every request was sent), stopped.
[[nodiscard]] awaitable<Result<Pings>> ping(Context& context, IpAddress host, PingOptions options);
[[nodiscard]] awaitable<Result<Pings>> ping_by_tcp(Context& context, IpAddress host, PingOptions options,
                                                   std::string no_icmp);

/// Asks every host. Fields of the first that replied: address sent received loss (0 to 1) rtt_min rtt_avg rtt_max (s)
/// method duplicates foreign late, port where the method is tcp; with several hosts `hosts` holds the same of each.
/// Errors: unreachable (no host replied), local_fault, out_of_scope, timeout, stopped.
[[nodiscard]] awaitable<Answer> ask_ping(Context& context, Question question);

}  // namespace audit::probe
