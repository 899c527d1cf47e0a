#include "seal/ssh_signature.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/hash.hpp"
#include "proto/ssh_signature.hpp"
#include "proto/ssh_wire.hpp"
#include "seal/armor.hpp"
#include "seal/public_key.hpp"

namespace audit::seal {
namespace {

constexpr std::string_view label = "SSH SIGNATURE";
constexpr std::string_view magic = "SSHSIG";
constexpr std::uint32_t version = 1;
constexpr std::string_view own_hash = "sha512";

Error refused(std::string why) { return {Reason::protocol_error, std::move(why)}; }

/// What is signed in place of the bytes: their hash, with what the signature is for.
std::string signed_blob(std::string_view hash_name, proto::Hash kind, std::string_view bytes) {
  proto::HashBytes digest{};
  const std::size_t size = proto::hash(kind, bytes, digest);
  std::string blob(magic);
  proto::put_ssh_string(blob, signature_namespace);
  proto::put_ssh_string(blob, "");  // reserved
  proto::put_ssh_string(blob, hash_name);
  proto::put_ssh_string(blob, {reinterpret_cast<const char*>(digest.data()), size});
  return blob;
}

}  // namespace

std::string sign_bytes(const SigningKey& key, std::string_view bytes) {
  std::string signature;
  proto::put_ssh_string(signature, ed25519_type);
  proto::put_ssh_string(signature, key.sign(signed_blob(own_hash, proto::Hash::sha512, bytes)));
  std::string blob(magic);
  proto::put_ssh_number(blob, version);
  proto::put_ssh_string(blob, key.public_blob());
  proto::put_ssh_string(blob, signature_namespace);
  proto::put_ssh_string(blob, "");
  proto::put_ssh_string(blob, own_hash);
  proto::put_ssh_string(blob, signature);
  return armored(blob, label);
}

Result<std::string> signer_of(std::string_view signature, std::string_view bytes) {
  const std::optional<std::string> blob = dearmor(signature, label);
  proto::SshCursor cursor(blob ? std::string_view(*blob) : std::string_view());
  const bool known = cursor.raw(magic.size()) == magic && cursor.number() == version;
  const std::string_view key = cursor.string();
  const std::string_view purpose = cursor.string();
  static_cast<void>(cursor.string());  // reserved: a reader heeds it not
  const std::string_view hash_name = cursor.string();
  const std::string_view inner = cursor.string();
  if (!cursor.ended() || !known || armored(*blob, label) != signature)
    return refused("is no signature in OpenSSH's format");
  if (purpose != signature_namespace)
    return refused(fmt::format("is for `{}`, not for {}", visible(purpose, 60), signature_namespace));
  const auto kind = hash_name == "sha512"   ? std::optional(proto::Hash::sha512)
                    : hash_name == "sha256" ? std::optional(proto::Hash::sha256)
                                            : std::nullopt;
  if (!kind) return refused(fmt::format("is over a hash `{}`, not sha512", visible(hash_name, 40)));
  if (!proto::verify_ssh_signature(key, ed25519_type, inner, signed_blob(hash_name, *kind, bytes)))
    return refused("is not a signature of these bytes by the key that it names");
  return std::string(key);
}

}  // namespace audit::seal
