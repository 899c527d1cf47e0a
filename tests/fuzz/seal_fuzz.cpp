#include "fuzz.hpp"
#include "seal/armor.hpp"
#include "seal/manifest.hpp"
#include "seal/public_key.hpp"
#include "seal/signing_key.hpp"
#include "seal/ssh_signature.hpp"

using namespace audit;

namespace {

/// What reads is what was written, to the byte.
void one_manifest(std::string_view bytes) {
  const auto manifest = seal::read_manifest(bytes);
  if (manifest) require(seal::write_manifest(*manifest) == bytes);
}

/// A key that reads can sign, and its signature is found to be its own.
void one_key(std::string_view text) {
  const auto key = seal::SigningKey::read(text);
  if (!key) return;
  const auto signer = seal::signer_of(seal::sign_bytes(*key, "these"), "these");
  require(signer && *signer == key->public_blob());
}

}  // namespace

/// The first byte says what the rest is: m a manifest, o the bytes of an OpenSSH key, k a private key as text, p a public
/// one, s the bytes of a signature, anything else one as text.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const char kind = bytes.front();
  bytes.remove_prefix(1);
  switch (kind) {
    case 'm': return one_manifest(bytes);
    case 'o': return one_key(seal::armored(bytes, "OPENSSH PRIVATE KEY"));
    case 'k': return one_key(bytes);
    case 'p': return static_cast<void>(seal::read_public_key(bytes).ok());
    case 's': return static_cast<void>(seal::signer_of(seal::armored(bytes, "SSH SIGNATURE"), "these").ok());
    default: return static_cast<void>(seal::signer_of(bytes, "these").ok());
  }
}
