#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "proto/tls_client_hello.hpp"
#include "proto/tls_server_hello.hpp"

namespace audit::proto {

/// What one connection is to ask. The random, the session id where it is to be 32 bytes, and the key of a share that
/// has none are the caller's to fill.
struct TlsQuestion {
  ClientHello hello;
  bool session_id = false;
  ServerFlightReader::Until until = ServerFlightReader::Until::hello;
  std::string about;  // "TLSv1.2, 3 suites seen"
};

/// How it ended: with a hello, an alert, or the peer's close or reset without either.
struct TlsReply {
  enum class Kind { hello, alert, broken };
  Kind kind = Kind::broken;
  ServerHello hello;
  TlsAlert alert;
  Error error;  // where broken
};

/// What is known of one version; it is spoken where it has suites.
struct TlsVersionSeen {
  std::uint16_t version = 0;
  std::vector<std::uint16_t> ciphers;  // in the order in which the server took them
  std::optional<bool> server_order;    // it chooses by its own order, not ours; needs two suites
  bool complete = false;               // refused in the end what was left
  std::string refusal;                 // "protocol_version", "closed": how
  bool compression = false;
  bool renegotiation_info = false;
  bool extended_master_secret = false;
};

struct TlsSeen {
  std::vector<TlsVersionSeen> versions;  // the newest first
  std::vector<std::uint16_t> groups13;
  std::vector<std::uint16_t> groups12;  // of `groups12_version`, the newest before TLS 1.3 with ECDHE
  std::uint16_t groups12_version = 0;
  bool explicit_curve = false;
  std::optional<std::uint16_t> group_not_offered;  // the server took it all the same
  std::int64_t dh_bits = 0;                        // the prime that a DHE suite came with
  std::optional<bool> fallback_scsv;               // RFC 7507; needs two versions, one of them before TLS 1.3
};

/// Finds out what a server accepts, one ClientHello after the other: all suites of a version; without the one it took;
/// and so on until it refuses. A close without an alert, or an alert that speaks of something else, counts as a refusal
/// only where it comes twice, and a question that was answered before is answered again behind it.
class TlsSurvey {
 public:
  /// `server_name` as the hello says it; "" for none.
  explicit TlsSurvey(std::string server_name);

  /// The next question; nothing when all is known.
  [[nodiscard]] std::optional<TlsQuestion> next();
  /// Errors: protocol_error (it chose what was not offered), tls_error, or that of a break that no answer explains.
  [[nodiscard]] Result<void> take(const TlsReply& reply);

  [[nodiscard]] const TlsSeen& seen() const noexcept { return seen_; }

 private:
  enum class Phase { ciphers, order, groups13, groups12, dh, fallback, done };
  enum class Doubt { none, again, known_good };

  [[nodiscard]] TlsQuestion question() const;
  [[nodiscard]] std::vector<std::uint16_t> offer() const;
  [[nodiscard]] std::vector<std::uint16_t> group_offer() const;
  [[nodiscard]] const TlsVersionSeen* asked_version() const;
  [[nodiscard]] bool worth_asking() const;
  void advance();
  Result<void> take_hello(const ServerHello& hello);
  Result<void> take_alert(const TlsAlert& alert);
  Result<void> take_doubt(const Error& error, const std::string& how);
  void take_refusal(const std::string& how);
  void take_cipher(const ServerHello& hello);
  void take_group(const ServerHello& hello);
  [[nodiscard]] TlsVersionSeen& current() { return seen_.versions[queue_.front()]; }

  std::string server_name_;
  TlsSeen seen_;
  Phase phase_ = Phase::ciphers;
  std::deque<std::size_t> queue_;  // versions to be asked about, the first one now
  std::size_t deferred_ = 0;       // at the end of the queue: they broke off before anything was answered
  bool share_ = false;             // TLS 1.3 with a key share: the server did not like none
  bool over_ = false;              // nothing more to learn in this phase
  Doubt doubt_ = Doubt::none;
  Error doubtful_;
  std::string doubtful_how_;
  TlsQuestion asked_;
  std::optional<TlsQuestion> known_good_;
};

}  // namespace audit::proto
