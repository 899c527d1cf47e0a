#include <algorithm>

#include "fuzz.hpp"
#include "proto/ssh_host_key.hpp"
#include "proto/ssh_signature.hpp"

using namespace audit::proto;

/// The first byte says how many of those behind it are the signature; the others are the key.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const std::size_t count = std::min<std::size_t>(static_cast<unsigned char>(bytes.front()), bytes.size() - 1);
  const std::string_view signature = bytes.substr(1, count);
  const std::string_view blob = bytes.substr(1 + count);
  const audit::Result<SshHostKey> key = parse_ssh_host_key(blob);
  for (const char* algorithm : {"ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ssh-ed25519"}) {
    const audit::Result<void> verified = verify_ssh_signature(blob, algorithm, signature, "signed");
    require(verified || !verified.error().message.empty());
  }
  if (!key) return;
  require(key->bits > 0);
  require(ssh_sha256_fingerprint(key->plain).size() == 50);
  require(ssh_md5_fingerprint(key->plain).size() == 51);
  const audit::Result<SshHostKey> plain = parse_ssh_host_key(key->plain);
  require(plain.ok());
  require(plain->bits == key->bits);
  if (!key->certificate) return;
  require(key->certificate->principals.size() <= 64);
  const audit::Result<void> authorised = verify_ssh_certificate(blob, *key->certificate);
  require(authorised || !authorised.error().message.empty());
}
