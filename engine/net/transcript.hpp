#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/echo.hpp"
#include "net/icmp_queue.hpp"
#include "net/tls.hpp"
#include "net/world.hpp"

namespace audit::net {

/// How a run began: what a replay has to be told before it begins.
struct RunStart {
  std::string program;      // version of audit
  std::string plan;         // SHA-256 over inventory, rules, selection and seed
  std::string inventory;    // SHA-256
  std::uint64_t seed = 0;   // of the permutation
  std::string random_seed;  // of what shapes what is sent
  std::uint32_t port_lanes = 0;
  WallTime started{};
  std::string resolv_conf;  // this machine's, as text
  std::string hosts;
  std::map<std::string, std::string> credentials;  // the shape of each that was there, by name
  std::string earlier_run;                         // whose targets stay targets though they are silent; "" for none
  std::string earlier_targets;                     // which candidates those are, as the plan reads it

  bool operator==(const RunStart&) const = default;
};

/// How it ended, and what a report says of it.
struct RunEnd {
  std::string id;
  WallTime finished{};
  std::string stopped_by;  // "" where it came to its end
  std::string command;
  std::string host;
  std::vector<std::string> addresses;
  std::map<std::uint16_t, std::string> services;  // this machine's names of ports
  std::string user;                               // who ran it; "" in older transcripts
  std::string zone;                               // of its local time; "" in older transcripts
  Duration started_ahead{};                       // of UTC, there and then
  Duration finished_ahead{};

  bool operator==(const RunEnd&) const = default;
};

/// One connection attempt of a sweep.
struct PortAsked {
  Endpoint to;
  std::uint64_t ordinal = 0;  // among all operations that were begun
  Duration patience{};
  Duration took{};       // until it was told
  bool at_once = false;  // told before the call returned
  PortAnswer answer;
};

/// What was asked of a conversation, what came of it, and when.
struct Step {
  enum class Kind : std::uint8_t { write, read, tls, end_sending, send, receive, echo_send, echo_receive, answer };
  Kind kind = Kind::read;
  Duration patience{};  // to the deadline, from the start
  Duration took{};
  std::optional<Error> error;  // stopped: it had not ended when the run was stopped, or whoever asked waited no longer
  std::string asked;           // bytes written or sent; the settings of TLS
  std::string got;             // bytes read or received; the session of TLS
  Endpoint peer;               // whom a datagram came from, or an answer went to
  std::optional<IcmpError> icmp;
  EchoAnswer echo;
  std::uint32_t duplicates = 0;
  std::uint32_t foreign = 0;
};

/// A piece of a secret, left out of what was said: which form of which secret.
struct Mask {
  bool received = false;     // else sent
  std::uint64_t offset = 0;  // in all that was sent, or received
  std::uint32_t form = 0;
  std::uint32_t length = 0;  // from its beginning
};

/// A stream, a datagram socket, an exchange of echoes, or a name that was looked up: its opening and all its steps.
struct Exchange {
  enum class Kind : std::uint8_t { stream, datagram, echo, look_up };
  Kind kind = Kind::stream;
  Endpoint to;       // of an echo: the host, with its size as port
  std::string name;  // of a look-up
  std::uint64_t ordinal = 0;
  Duration patience{};
  Duration took{};
  std::optional<Error> error;
  Endpoint local;
  bool other_ports = false;  // of a datagram socket: it hears them
  EchoMethod method = EchoMethod::icmp;
  std::string why_no_echo;
  std::vector<IpAddress> addresses;  // that a name was found to have
  std::vector<Step> steps;
  std::vector<Mask> masks;
};

/// The run was stopped, so long after its start.
struct Stopped {
  Duration after{};
};

/// The shard was late, so its clock was put forward: when what came next was of the instant `at`, for the time after
/// `times` others of the same instant.
struct PutForward {
  Duration at{};
  std::uint64_t times = 0;
  Duration to{};
};

/// Steps, masks or addresses of one exchange, at most.
inline constexpr std::size_t most_items = std::size_t{1} << 20U;

using TranscriptRecord = std::variant<RunStart, RunEnd, PortAsked, Exchange, Stopped, PutForward>;

[[nodiscard]] std::string encode(const TranscriptRecord& record);
/// Nothing where the bytes are no record.
[[nodiscard]] std::optional<TranscriptRecord> decode_record(std::string_view bytes);

/// Equal settings give equal bytes.
[[nodiscard]] std::string encode_tls_settings(const TlsSettings& settings);
[[nodiscard]] std::string encode_tls_session(const TlsSession& session);
[[nodiscard]] std::optional<TlsSession> decode_tls_session(std::string_view bytes);

}  // namespace audit::net
