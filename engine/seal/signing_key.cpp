#include "seal/signing_key.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>

#include "base/text.hpp"
#include "proto/ssh_wire.hpp"
#include "seal/armor.hpp"
#include "seal/public_key.hpp"

namespace audit::seal {
namespace {

using BioPtr = std::unique_ptr<BIO, proto::OpensslFree<BIO_free>>;

constexpr std::string_view openssh_label = "OPENSSH PRIVATE KEY";
constexpr std::string_view other_kind =
    "is none of Ed25519; make one with `ssh-keygen -t ed25519` or `openssl genpkey -algorithm ed25519`";

Error refused(std::string_view why) { return {Reason::protocol_error, std::string(why)}; }
Error broken() { return refused("does not hold the fields of an OpenSSH private key"); }

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// Secrets leave the memory with their owner.
struct Wiped {
  explicit Wiped(std::string bytes_in) : bytes(std::move(bytes_in)) {}
  ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  std::string bytes;
};

/// 1, 2, 3, …, up to the size of a cipher's block (PROTOCOL.key).
bool is_padding(std::string_view bytes) {
  constexpr std::size_t block = 8;
  if (bytes.size() >= block) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (static_cast<std::size_t>(bytes[i]) != i + 1) return false;
  return true;
}

/// The key of a list that is not encrypted: two equal numbers, type, public key, private key behind which the public one
/// stands again, a comment.
Result<proto::KeyPtr> read_openssh_list(std::string_view list, std::string_view public_blob) {
  proto::SshCursor cursor(list);
  const std::uint32_t first = cursor.number();
  const bool same = cursor.number() == first;
  const std::string_view type = cursor.string();
  if (cursor.good() && type != ed25519_type) return refused(other_kind);
  const std::string_view known = cursor.string();
  const std::string_view secret = cursor.string();
  static_cast<void>(cursor.string());
  if (!cursor.good() || !same || !is_padding(cursor.rest()) || known.size() != ed25519_size ||
      secret.size() != 2 * ed25519_size || secret.substr(ed25519_size) != known)
    return broken();
  proto::KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(secret), ed25519_size));
  if (!key || blob_of(key.get()) != public_blob) return broken();
  return key;
}

Result<proto::KeyPtr> read_openssh(std::string_view text) {
  constexpr std::string_view magic("openssh-key-v1\0", 15);
  std::optional<std::string> decoded = dearmor(text, openssh_label);
  if (!decoded) return broken();
  const Wiped wiped(std::move(*decoded));
  proto::SshCursor cursor(wiped.bytes);
  if (cursor.raw(magic.size()) != magic) return broken();
  const std::string_view cipher = cursor.string();
  static_cast<void>(cursor.string());  // how a passphrase becomes a key
  static_cast<void>(cursor.string());
  const std::uint32_t count = cursor.number();
  const std::string_view public_blob = cursor.string();
  const std::string_view list = cursor.string();
  if (!cursor.ended() || count != 1) return broken();
  if (cipher != "none")
    return refused(
        "is encrypted; there is nobody to ask for its passphrase: use a copy without one (ssh-keygen -p -f COPY)");
  return read_openssh_list(list, public_blob);
}

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

Result<proto::KeyPtr> read_pem(std::string_view text) {
  if (has_armor(text, "ENCRYPTED PRIVATE KEY") || text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos)
    return refused(
        "is encrypted; there is nobody to ask for its passphrase: use a copy without one (openssl pkey -in KEY -out "
        "COPY)");
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  proto::KeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  ERR_clear_error();
  if (!key) return refused("is no private key in PEM or of OpenSSH that can be read");
  return key;
}

}  // namespace

Result<SigningKey> SigningKey::of(proto::KeyPtr key) {
  std::string blob = blob_of(key.get());
  if (blob.empty()) return refused(other_kind);
  return SigningKey(std::move(key), std::move(blob));
}

Result<SigningKey> SigningKey::read(std::string_view text) {
  constexpr std::size_t largest = 65'536;
  if (text.size() > largest) return refused(fmt::format("is longer than {} bytes", largest));
  if (text.find("PRIVATE KEY-----") == std::string_view::npos)
    return refused("is no private key; a bundle is signed with the private one, and verified with the public one");
  Result<proto::KeyPtr> key = has_armor(text, openssh_label) ? read_openssh(text) : read_pem(text);
  if (!key) return key.error();
  return of(std::move(*key));
}

std::string SigningKey::sign(std::string_view bytes) const {
  std::string signature(2 * ed25519_size, '\0');
  std::size_t size = signature.size();
  const proto::DigestContextPtr context(EVP_MD_CTX_new());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(bytes),
                     bytes.size()) != 1 ||
      size != signature.size())
    throw std::runtime_error("OpenSSL gives no Ed25519 signature");
  return signature;
}

}  // namespace audit::seal
