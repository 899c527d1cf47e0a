#include "ssh_server.hpp"

#include <array>

#include "proto/openssl_ptr.hpp"
#include "proto/ssh_agreement.hpp"
#include "proto/ssh_packet.hpp"
#include "proto/ssh_transport.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::test {
namespace {

using namespace audit::proto;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string as_string(const unsigned char* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

KeyPtr key_of(std::string_view type) {
  const bool small = type == "ssh-ed25519";
  const std::string seed(small ? 32 : 57, small ? '\x11' : '\x22');
  return KeyPtr(
      EVP_PKEY_new_raw_private_key(small ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, nullptr, octets(seed), seed.size()));
}

std::string signature_of(std::string_view type, std::string_view bytes) {
  const KeyPtr key = key_of(type);
  const DigestContextPtr context(EVP_MD_CTX_new());
  std::array<unsigned char, 128> raw{};
  std::size_t length = raw.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), raw.data(), &length, octets(bytes), bytes.size());
  std::string blob;
  put_ssh_string(blob, type);
  put_ssh_string(blob, as_string(raw.data(), length));
  return blob;
}

const EVP_MD* hash_of(std::string_view method) {
  if (method.ends_with("sha1")) return EVP_sha1();
  if (method.ends_with("sha512") || method.ends_with("nistp521")) return EVP_sha512();
  return method.ends_with("nistp384") ? EVP_sha384() : EVP_sha256();
}

constexpr std::string_view generator = "\x02";

/// RFC 2409's 1024 bits: small, so that the tests are quick.
std::string prime() {
  const BignumPtr number(BN_get_rfc2409_prime_1024(nullptr));
  std::array<unsigned char, 128> raw{};
  BN_bn2bin(number.get(), raw.data());
  return as_string(raw.data(), raw.size());
}

std::unique_ptr<SshAgreement> agreement_of(std::string_view method) {
  const std::string random(ssh_random_size, '\x5a');
  if (method.starts_with("curve25519")) return make_x25519_agreement(random);
  if (method == "ecdh-sha2-nistp256") return make_ecdh_agreement(256, random);
  if (method == "ecdh-sha2-nistp384") return make_ecdh_agreement(384, random);
  if (method == "ecdh-sha2-nistp521") return make_ecdh_agreement(521, random);
  if (method.find("group14") != std::string_view::npos) return make_modp_agreement(14, random);
  if (method.find("group16") != std::string_view::npos) return make_modp_agreement(16, random);
  if (method.find("group18") != std::string_view::npos) return make_modp_agreement(18, random);
  if (method.find("group1-") != std::string_view::npos) return make_modp_agreement(1, random);
  return std::move(*make_group_agreement(prime(), generator, random));
}

}  // namespace

SshServer::SshServer() {
  offer.cookie.fill(7);
  offer.kex.names = {"curve25519-sha256"};
  offer.host_keys.names = {"ssh-ed25519"};
  offer.ciphers_to_server.names = {"aes256-ctr", "aes128-ctr"};
  offer.ciphers_to_client.names = {"aes128-ctr"};
  offer.macs_to_server.names = {"hmac-sha2-256"};
  offer.macs_to_client.names = {"hmac-sha1"};
  offer.compression_to_server.names = {"none"};
  offer.compression_to_client.names = {"none", "zlib"};
}

std::string SshServer::host_key(std::string_view type) {
  std::array<unsigned char, 57> raw{};
  std::size_t length = raw.size();
  EVP_PKEY_get_raw_public_key(key_of(type).get(), raw.data(), &length);
  std::string blob;
  put_ssh_string(blob, type);
  put_ssh_string(blob, as_string(raw.data(), length));
  return blob;
}

SshServer::Heard SshServer::take_apart(std::string_view bytes) {
  Heard heard;
  SshTransportReader reader;
  for (auto step = reader.feed(bytes);
       step == SshTransportReader::Step::ident || step == SshTransportReader::Step::message; step = reader.next()) {
    if (step == SshTransportReader::Step::ident)
      heard.ident = reader.ident_reader().ident().line;
    else if (heard.kexinit.empty())
      heard.kexinit = reader.payload();
    else
      heard.payloads.emplace_back(reader.payload());
  }
  return heard;
}

std::string SshServer::hello() const { return ident + "\r\n" + encode_ssh_packet(kexinit()); }

std::string SshServer::group_payload() const {
  std::string payload(1, '\x1f');
  put_ssh_string(payload, ssh_mpint(prime()));
  put_ssh_string(payload, ssh_mpint(generator));
  return payload;
}

std::optional<std::string> SshServer::reply_payload(const Heard& heard) const {
  const Result<SshKexInit> client = parse_ssh_kexinit(heard.kexinit);
  if (!client || heard.payloads.empty()) return std::nullopt;
  const std::string method = client->kex.names.front();
  const std::string type = client->host_keys.names.front();
  const bool exchanges_group = method.find("exchange") != std::string::npos;
  if (exchanges_group && heard.payloads.size() == 1) return group_payload();
  const std::unique_ptr<SshAgreement> agreement = agreement_of(method);
  SshCursor cursor(std::string_view(heard.payloads.back()).substr(1));
  const std::string_view theirs = cursor.string();
  const std::string ours = public_value.empty() ? agreement->ours() : public_value;
  const std::string key = other_key.empty() ? host_key(type) : other_key;
  std::string hashed;
  for (const std::string& text : {heard.ident, ident, heard.kexinit, kexinit(), key}) put_ssh_string(hashed, text);
  if (exchanges_group) {
    hashed += heard.payloads.front().substr(1);
    hashed += group_payload().substr(1);
  }
  put_ssh_string(hashed, theirs);
  put_ssh_string(hashed, ours);
  const Result<std::string> secret = agreement->shared(theirs);
  put_ssh_string(hashed, secret ? *secret : std::string());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(hashed.data(), hashed.size(), digest.data(), &length, hash_of(method), nullptr);
  std::string hash = as_string(digest.data(), length);
  if (lies) hash.back() = static_cast<char>(hash.back() ^ 1);
  std::string payload(1, exchanges_group ? '\x21' : '\x1f');
  put_ssh_string(payload, key);
  put_ssh_string(payload, ours);
  put_ssh_string(payload, signature_of(type, hash));
  return payload;
}

std::optional<std::string> SshServer::reply(std::string_view heard) const {
  const std::optional<std::string> payload = reply_payload(take_apart(heard));
  if (!payload) return std::nullopt;
  return encode_ssh_packet(*payload) + encode_ssh_packet(std::string(1, '\x15'));
}

}  // namespace audit::test
