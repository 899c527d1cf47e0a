#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/ssh_agreement.hpp"

namespace audit::proto {

/// What both sides said before the key exchange proper: all of it goes into the exchange hash (RFC 4253 8).
struct SshTranscript {
  std::string client_ident;    // without CR LF
  std::string server_ident;    // without CR LF
  std::string client_kexinit;  // the payload
  std::string server_kexinit;  // the payload
};

/// What a server gave at the end of a key exchange. Nothing of it is proven until the signature was verified.
struct SshKexReply {
  std::string host_key;   // the blob
  std::string signature;  // the blob
  std::string hash;       // the exchange hash H, which is what was signed
};

/// The methods of key exchange that SshKex speaks, the dearest first.
[[nodiscard]] const std::vector<std::string_view>& ssh_kex_methods();

/// The client's side of one key exchange, up to the server's reply (RFC 4253 8, 4419, 5656 4, 8268, 8731). Payloads in,
/// payloads out; its secret is made of the caller's random bytes.
class SshKex {
 public:
  enum class Step { send, need_more, done, failed };

  /// `method` is one of ssh_kex_methods; `random` has ssh_random_size bytes. The first payload is to be sent at once.
  SshKex(std::string_view method, SshTranscript transcript, std::string random);

  /// The server's next message. Errors: protocol_error.
  Step receive(std::string_view payload);

  /// What to send now: after construction, and where `receive` says so.
  [[nodiscard]] const std::string& outgoing() const noexcept { return outgoing_; }
  [[nodiscard]] const SshKexReply& reply() const noexcept { return reply_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step take_group(std::string_view payload);
  Step take_reply(std::string_view payload);
  [[nodiscard]] std::string hashed(std::string_view host_key, std::string_view theirs, std::string_view secret) const;
  Step fail(Error error);

  std::string_view method_;
  SshTranscript transcript_;
  std::string random_;
  std::unique_ptr<SshAgreement> agreement_;  // none until the server has named its group
  std::uint8_t reply_number_ = 0;
  std::string group_fields_;  // of a group exchange: min, n, max, p, g, as they are hashed
  std::string outgoing_;
  SshKexReply reply_;
  Error error_;
};

}  // namespace audit::proto
