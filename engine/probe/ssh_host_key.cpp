#include "probe/ssh_host_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "proto/ssh_kex.hpp"
#include "proto/ssh_signature.hpp"

namespace audit::probe {
namespace {

using proto::SshKex;
using proto::SshKexInit;

std::string random_bytes(net::World& world, const std::string& purpose, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  world.random_for(purpose, bytes);
  std::string text;
  for (const std::uint8_t byte : bytes) text += static_cast<char>(byte);
  return text;
}

/// Of a list of the server's the first name: enough to agree, as nothing is ever encrypted with it.
void echo_first(const proto::SshNameList& theirs, proto::SshNameList& ours) {
  if (!theirs.names.empty()) ours.names.push_back(theirs.names.front());
}

std::string own_kexinit(Context& context, const SshKexInit& server, std::string_view method, std::string_view key) {
  SshKexInit ours;
  context.world().random_for(fmt::format("ssh cookie {} {} {}", context.target().id(), method, key), ours.cookie);
  ours.kex.names.emplace_back(method);
  ours.host_keys.names.emplace_back(key);
  echo_first(server.ciphers_to_server, ours.ciphers_to_server);
  echo_first(server.ciphers_to_client, ours.ciphers_to_client);
  echo_first(server.macs_to_server, ours.macs_to_server);
  echo_first(server.macs_to_client, ours.macs_to_client);
  echo_first(server.compression_to_server, ours.compression_to_server);
  echo_first(server.compression_to_client, ours.compression_to_client);
  return proto::encode_ssh_kexinit(ours);
}

Value::Object describe(const proto::SshCertificate& certificate) {
  Value::Object fields;
  fields["serial"] = fmt::format("{}", certificate.serial);  // 64 bits, unsigned
  fields["kind"] = certificate.kind == 2 ? "host" : certificate.kind == 1 ? "user" : "unknown";
  fields["key_id"] = certificate.key_id;
  Value::Array principals;
  for (const std::string& principal : certificate.principals) principals.emplace_back(principal);
  fields["principals"] = std::move(principals);
  if (certificate.principals_left_out > 0)
    fields["principals_left_out"] = static_cast<std::int64_t>(certificate.principals_left_out);
  constexpr std::uint64_t for_ever = ~std::uint64_t{0};
  constexpr std::uint64_t latest = std::numeric_limits<std::int64_t>::max();
  fields["valid_after"] = static_cast<std::int64_t>(std::min(certificate.valid_after, latest));
  if (certificate.valid_before != for_ever)
    fields["valid_before"] = static_cast<std::int64_t>(std::min(certificate.valid_before, latest));
  fields["ca_type"] = certificate.ca_type;
  fields["ca_bits"] = static_cast<std::int64_t>(certificate.ca_bits);
  fields["ca_fingerprint"] = proto::ssh_sha256_fingerprint(certificate.ca_key);
  return fields;
}

Result<Value::Object> describe(const proto::SshKexReply& reply, const proto::SshHostKeyAlgorithm& algorithm) {
  const Result<proto::SshHostKey> key = proto::parse_ssh_host_key(reply.host_key);
  if (!key) return key.error();
  if (key->type != algorithm.key_type)
    return Error(Reason::protocol_error,
                 fmt::format("the server gave a {} key where {} was agreed on", key->type, algorithm.key_type));
  Value::Object entry;
  entry["bits"] = static_cast<std::int64_t>(key->bits);
  entry["fingerprint"] = proto::ssh_sha256_fingerprint(key->plain);
  entry["md5"] = proto::ssh_md5_fingerprint(key->plain);
  entry["blob_size"] = static_cast<std::int64_t>(reply.host_key.size());
  const Result<void> proven = proto::verify_ssh_signature(key->plain, algorithm.signature, reply.signature, reply.hash);
  entry["proven"] = proven.ok();
  if (!proven) entry["message"] = from_visible(proven.error().message);
  if (!key->certificate) return entry;
  Value::Object certificate = describe(*key->certificate);
  const Result<void> authorised = proto::verify_ssh_certificate(reply.host_key, *key->certificate);
  certificate["proven"] = authorised.ok();
  if (!authorised) certificate["message"] = from_visible(authorised.error().message);
  entry["certificate"] = std::move(certificate);
  return entry;
}

/// Theirs says what they guessed first; a wrong guess is followed by a message that counts for nothing (RFC 4253 7.1).
bool guessed_wrong(const SshKexInit& theirs, std::string_view method, std::string_view key) {
  return theirs.first_kex_packet_follows &&
         (theirs.kex.names.front() != method || theirs.host_keys.names.front() != key);
}

}  // namespace

std::vector<SshKeyWanted> wanted_host_keys(const SshKexInit& server) {
  std::vector<SshKeyWanted> wanted;
  for (const std::string& name : server.host_keys.names) {
    const proto::SshHostKeyAlgorithm* algorithm = proto::find_ssh_host_key_algorithm(name);
    const auto same = std::find_if(wanted.begin(), wanted.end(), [&](const SshKeyWanted& other) {
      return algorithm == nullptr ? other.offered == name
                                  : other.algorithm != nullptr && other.algorithm->key_type == algorithm->key_type;
    });
    SshKeyWanted one;
    one.offered = name;
    one.algorithm = algorithm;
    if (same == wanted.end())
      wanted.push_back(std::move(one));
    else if (algorithm != nullptr && algorithm < same->algorithm)  // the stronger signature stands first in the table
      *same = std::move(one);
  }
  return wanted;
}

std::string_view usable_kex(const SshKexInit& server) {
  for (const std::string_view method : proto::ssh_kex_methods())
    if (server.kex.holds(method)) return method;
  return "";
}

std::string general_kexinit(Context& context) {
  SshKexInit ours;
  context.world().random_for("ssh cookie " + context.target().id(), ours.cookie);
  for (const std::string_view method : proto::ssh_kex_methods()) ours.kex.names.emplace_back(method);
  ours.host_keys.names = {"ssh-ed25519",
                          "ecdsa-sha2-nistp256",
                          "ecdsa-sha2-nistp384",
                          "ecdsa-sha2-nistp521",
                          "rsa-sha2-512",
                          "rsa-sha2-256",
                          "ssh-rsa",
                          "ssh-dss"};
  ours.ciphers_to_server.names = {"aes128-ctr", "aes256-ctr", "chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com",
                                  "aes128-cbc", "3des-cbc"};
  ours.ciphers_to_client = ours.ciphers_to_server;
  ours.macs_to_server.names = {"hmac-sha2-256", "hmac-sha2-512", "hmac-sha1", "hmac-md5"};
  ours.macs_to_client = ours.macs_to_server;
  ours.compression_to_server.names = {"none", "zlib@openssh.com", "zlib"};
  ours.compression_to_client = ours.compression_to_server;
  return proto::encode_ssh_kexinit(ours);
}

awaitable<Result<Value::Object>> ask_host_key(SshTalk& talk, const SshKexInit& known, std::string theirs,
                                              const SshKeyWanted& wanted) {
  Context& context = talk.context();
  const std::string method(usable_kex(known));
  std::string ours = own_kexinit(context, known, method, wanted.offered);
  std::vector<std::string> outgoing(1, ours);
  const bool heard_before = !theirs.empty();
  if (!heard_before) {
    const Result<void> offered = co_await talk.send(std::move(outgoing));
    if (!offered) co_return offered.error();
    Result<std::string> message = co_await talk.message();
    if (!message) co_return message.error();
    theirs = std::move(*message);
    outgoing.clear();
  }
  const Result<SshKexInit> offer = proto::parse_ssh_kexinit(theirs);
  if (!offer) co_return talk.placed(offer.error());
  if (!offer->kex.holds(method) || !offer->host_keys.holds(wanted.offered)) {
    const Error other(
        Reason::protocol_error,
        fmt::format("the server no longer offers {} and {}, which it offered before", method, wanted.offered));
    co_return talk.placed(other);
  }
  proto::SshTranscript transcript;
  transcript.client_ident = talk.own_ident();
  transcript.server_ident = talk.theirs().ident().line;
  transcript.client_kexinit = std::move(ours);
  transcript.server_kexinit = std::move(theirs);
  const std::string purpose = fmt::format("ssh key {} {} {}", context.target().id(), method, wanted.offered);
  SshKex kex(method, std::move(transcript), random_bytes(context.world(), purpose, proto::ssh_random_size));
  outgoing.push_back(kex.outgoing());
  bool skip = guessed_wrong(*offer, method, wanted.offered);
  while (true) {
    if (!outgoing.empty()) {
      const Result<void> sent = co_await talk.send(std::move(outgoing));
      if (!sent) co_return sent.error();
      outgoing.clear();
    }
    const Result<std::string> message = co_await talk.message();
    if (!message) co_return message.error();
    if (std::exchange(skip, false)) continue;
    const SshKex::Step step = kex.receive(*message);
    if (step == SshKex::Step::failed) co_return talk.placed(kex.error());
    if (step == SshKex::Step::done) break;
    if (step == SshKex::Step::send) outgoing.push_back(kex.outgoing());
  }
  Result<Value::Object> entry = describe(kex.reply(), *wanted.algorithm);
  if (!entry) co_return talk.placed(entry.error());
  (*entry)["type"] = std::string(wanted.algorithm->key_type);
  (*entry)["algorithm"] = wanted.offered;
  (*entry)["kex"] = method;
  co_return entry;
}

}  // namespace audit::probe
