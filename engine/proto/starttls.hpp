#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

/// What a conversation in clear has come to: read on, say these bytes and feed again (an empty feed will do), begin the
/// TLS handshake, or give up.
struct StarttlsStep {
  enum class Kind { need_more, say, ready, failed };
  Kind kind = Kind::need_more;
  std::string say;
  Error error;

  [[nodiscard]] static StarttlsStep more() { return {}; }
  [[nodiscard]] static StarttlsStep saying(std::string bytes);
  [[nodiscard]] static StarttlsStep done();
  [[nodiscard]] static StarttlsStep failing(Reason reason, std::string message);
};

/// Who asks whom: the name for EHLO, and the server's name (XMPP's `to`, else unused). What no host name or address
/// holds is left out of them.
struct StarttlsNames {
  std::string ours;
  std::string theirs;

  StarttlsNames(std::string ours_in, std::string theirs_in);
};

/// One protocol's half of the conversation: takes off the front of `bytes` what it has understood.
class StarttlsDialogue {
 public:
  virtual ~StarttlsDialogue() = default;
  [[nodiscard]] virtual StarttlsStep advance(std::string_view& bytes) = 0;
};

struct StarttlsProtocol {
  std::string_view name;
  std::vector<std::uint16_t> ports;  // where it is usual
  std::unique_ptr<StarttlsDialogue> (*make)(StarttlsNames names);
};

[[nodiscard]] const std::vector<StarttlsProtocol>& starttls_protocols();
[[nodiscard]] const StarttlsProtocol* find_starttls(std::string_view name);
/// The protocol that speaks in clear first on this port; null where TLS begins at once, or nobody knows.
[[nodiscard]] const StarttlsProtocol* usual_starttls(std::uint16_t port);

/// Leads a server from clear text to the go-ahead for TLS. Cap: 16 KiB in all. Errors: tls_error (it says no, or offers
/// none), protocol_error (it speaks something else, or said more behind the go-ahead than TLS allows: text that an
/// attacker may have slipped in, CVE-2011-0411), eof.
class Starttls {
 public:
  Starttls(const StarttlsProtocol& protocol, StarttlsNames names);

  /// Feed nothing to begin with.
  [[nodiscard]] StarttlsStep feed(std::string_view bytes);
  /// The server closed.
  [[nodiscard]] StarttlsStep end();

 private:
  StarttlsStep settle(StarttlsStep step);

  std::string_view name_;
  std::unique_ptr<StarttlsDialogue> dialogue_;
  std::string pending_;
  std::size_t total_ = 0;
  StarttlsStep last_;
};

}  // namespace audit::proto
