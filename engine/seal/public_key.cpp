#include "seal/public_key.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "base/text.hpp"
#include "proto/openssl_ptr.hpp"
#include "proto/ssh_wire.hpp"
#include "seal/armor.hpp"

namespace audit::seal {
namespace {

using BioPtr = std::unique_ptr<BIO, proto::OpensslFree<BIO_free>>;

Error refused(std::string why) { return {Reason::protocol_error, std::move(why)}; }

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view blank = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blank));
  line.remove_prefix(word.size());
  return word;
}

Result<std::string> read_line(std::string_view line) {
  const std::string_view type = next_word(line);
  if (type != ed25519_type)
    return refused(
        fmt::format("is none of Ed25519, but `{}`; make one with `ssh-keygen -t ed25519`", visible(type, 40)));
  std::optional<std::string> blob = base64_bytes(next_word(line));
  proto::SshCursor cursor(blob ? std::string_view(*blob) : std::string_view());
  if (cursor.string() != ed25519_type || cursor.string().size() != ed25519_size || !cursor.ended())
    return refused("does not hold the fields of a public Ed25519 key");
  return std::move(*blob);
}

Result<std::string> read_pem(std::string_view text) {
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const proto::KeyPtr key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!key) return refused("is no public key in PEM that can be read");
  std::string blob = blob_of(key.get());
  if (blob.empty()) return refused("is none of Ed25519; make one with `openssl genpkey -algorithm ed25519`");
  return blob;
}

}  // namespace

std::string blob_of(const EVP_PKEY* key) {
  std::array<unsigned char, ed25519_size> raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519 || EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1)
    return "";
  std::string blob;
  proto::put_ssh_string(blob, ed25519_type);
  proto::put_ssh_string(blob, {reinterpret_cast<const char*>(raw.data()), size});
  return blob;
}

Result<std::string> read_public_key(std::string_view text) {
  constexpr std::size_t largest = 65'536;
  if (text.size() > largest) return refused(fmt::format("is longer than {} bytes", largest));
  if (text.find("PRIVATE KEY-----") != std::string_view::npos)
    return refused("is a private key; who verifies takes the public one, and nobody else gets the private one");
  if (has_armor(text, "PUBLIC KEY")) return read_pem(text);
  std::string_view found;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (!found.empty()) return refused("holds more than one key; name a file with the one to be trusted");
    found = line;
  }
  if (found.empty()) return refused("holds no key");
  return read_line(found);
}

}  // namespace audit::seal
