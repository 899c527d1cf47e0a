#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/ssh_kexinit.hpp"

namespace audit::test {

/// An SSH server up to its reply in the key exchange, with an ssh-ed25519 and an ssh-ed448 host key. It hashes and signs by
/// itself; both sides' Diffie-Hellman is the engine's.
class SshServer {
 public:
  SshServer();

  /// What the client has said so far, taken apart.
  struct Heard {
    std::string ident;
    std::string kexinit;                // the payload
    std::vector<std::string> payloads;  // those behind it
  };
  [[nodiscard]] static Heard take_apart(std::string_view bytes);

  /// Identification and KEXINIT.
  [[nodiscard]] std::string hello() const;
  [[nodiscard]] std::string kexinit() const { return proto::encode_ssh_kexinit(offer); }
  /// The packet that answers the client's last message, and NEWKEYS; nothing where that has not come yet.
  [[nodiscard]] std::optional<std::string> reply(std::string_view heard) const;
  /// The payload of the reply to these messages.
  [[nodiscard]] std::optional<std::string> reply_payload(const Heard& heard) const;
  /// The payload of SSH_MSG_KEX_DH_GEX_GROUP.
  [[nodiscard]] std::string group_payload() const;

  /// The blob of a host key of ours, "ssh-ed25519" or "ssh-ed448".
  [[nodiscard]] static std::string host_key(std::string_view type);

  std::string ident = "SSH-2.0-test_1.0 hello";
  proto::SshKexInit offer;
  bool lies = false;         // signs another hash
  std::string public_value;  // sent in place of its own Diffie-Hellman value
  std::string other_key;     // sent in place of its own host key's blob
};

}  // namespace audit::test
