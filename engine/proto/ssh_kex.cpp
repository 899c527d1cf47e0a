#include "proto/ssh_kex.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "proto/ssh_message.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

enum class Group : std::uint8_t { x25519, ecdh, modp, named_by_server };

struct Method {
  std::string_view name;
  Group group;
  unsigned number;  // the curve's bits, or the group's number
  const EVP_MD* (*hash)();
};

// Cheapest first for both sides, and what is broken last: any of them proves a host key as well as another.
constexpr std::array methods{
    Method{"curve25519-sha256", Group::x25519, 0, EVP_sha256},
    Method{"curve25519-sha256@libssh.org", Group::x25519, 0, EVP_sha256},
    Method{"ecdh-sha2-nistp256", Group::ecdh, 256, EVP_sha256},
    Method{"ecdh-sha2-nistp384", Group::ecdh, 384, EVP_sha384},
    Method{"ecdh-sha2-nistp521", Group::ecdh, 521, EVP_sha512},
    Method{"diffie-hellman-group14-sha256", Group::modp, 14, EVP_sha256},
    Method{"diffie-hellman-group-exchange-sha256", Group::named_by_server, 0, EVP_sha256},
    Method{"diffie-hellman-group16-sha512", Group::modp, 16, EVP_sha512},
    Method{"diffie-hellman-group18-sha512", Group::modp, 18, EVP_sha512},
    Method{"diffie-hellman-group14-sha1", Group::modp, 14, EVP_sha1},
    Method{"diffie-hellman-group-exchange-sha1", Group::named_by_server, 0, EVP_sha1},
    Method{"diffie-hellman-group1-sha1", Group::modp, 1, EVP_sha1},
};

const Method& find_method(std::string_view name) {
  for (const Method& method : methods)
    if (method.name == name) return method;
  throw std::invalid_argument("a method of key exchange that is not spoken");
}

std::unique_ptr<SshAgreement> begin(const Method& method, std::string_view random) {
  switch (method.group) {
    case Group::x25519: return make_x25519_agreement(random);
    case Group::ecdh: return make_ecdh_agreement(method.number, random);
    case Group::modp: return make_modp_agreement(method.number, random);
    case Group::named_by_server: break;
  }
  return nullptr;
}

std::string message(std::uint8_t number, std::string_view value) {
  std::string payload(1, static_cast<char>(number));
  put_ssh_string(payload, value);
  return payload;
}

}  // namespace

const std::vector<std::string_view>& ssh_kex_methods() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const Method& method : methods) list.push_back(method.name);
    return list;
  }();
  return names;
}

SshKex::SshKex(std::string_view method_name, SshTranscript transcript, std::string random)
    : method_(find_method(method_name).name), transcript_(std::move(transcript)), random_(std::move(random)) {
  const Method& method = find_method(method_);
  agreement_ = begin(method, random_);
  if (agreement_) {
    outgoing_ = message(ssh_msg_kex_30, agreement_->ours());
    reply_number_ = ssh_msg_kex_31;
    return;
  }
  constexpr std::uint32_t least = 1024;  // old servers have no larger one, and that is worth seeing
  constexpr std::uint32_t preferred = 2048;
  constexpr std::uint32_t most = 8192;
  for (const std::uint32_t bits : {least, preferred, most}) put_ssh_number(group_fields_, bits);
  outgoing_ = static_cast<char>(ssh_msg_gex_request) + group_fields_;
  reply_number_ = ssh_msg_gex_reply;
}

SshKex::Step SshKex::receive(std::string_view payload) {
  if (error_.reason == Reason::protocol_error) return Step::failed;
  return agreement_ ? take_reply(payload) : take_group(payload);
}

SshKex::Step SshKex::take_group(std::string_view payload) {
  SshCursor cursor(payload);
  const std::uint8_t number = cursor.byte();
  if (number != ssh_msg_kex_31)
    return fail(Error(Reason::protocol_error, fmt::format("SSH message {} where the group was due", number)));
  const std::string_view prime = cursor.magnitude();
  const std::string_view generator = cursor.magnitude();
  if (!cursor.ended()) return fail(Error(Reason::protocol_error, "the server's group is not two numbers above 0"));
  Result<std::unique_ptr<SshAgreement>> made = make_group_agreement(prime, generator, random_);
  if (!made) return fail(made.error());
  agreement_ = std::move(*made);
  put_ssh_string(group_fields_, ssh_mpint(prime));
  put_ssh_string(group_fields_, ssh_mpint(generator));
  outgoing_ = message(ssh_msg_gex_init, agreement_->ours());
  return Step::send;
}

SshKex::Step SshKex::take_reply(std::string_view payload) {
  SshCursor cursor(payload);
  const std::uint8_t number = cursor.byte();
  if (number != reply_number_)
    return fail(
        Error(Reason::protocol_error, fmt::format("SSH message {} where the key exchange's reply was due", number)));
  const std::string_view host_key = cursor.string();
  const std::string_view theirs = cursor.string();
  const std::string_view signature = cursor.string();
  if (!cursor.ended())
    return fail(Error(Reason::protocol_error, "the key exchange's reply is not a host key, a value and a signature"));
  const Result<std::string> secret = agreement_->shared(theirs);
  if (!secret) return fail(secret.error());
  reply_.host_key = host_key;
  reply_.signature = signature;
  reply_.hash = hashed(host_key, theirs, *secret);
  return Step::done;
}

std::string SshKex::hashed(std::string_view host_key, std::string_view theirs, std::string_view secret) const {
  std::string text;
  put_ssh_string(text, transcript_.client_ident);
  put_ssh_string(text, transcript_.server_ident);
  put_ssh_string(text, transcript_.client_kexinit);
  put_ssh_string(text, transcript_.server_kexinit);
  put_ssh_string(text, host_key);
  text += group_fields_;
  put_ssh_string(text, agreement_->ours());
  put_ssh_string(text, theirs);
  put_ssh_string(text, secret);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, find_method(method_).hash(), nullptr) != 1)
    throw std::runtime_error("OpenSSL gives no digest for the exchange hash");
  std::string hash;
  for (unsigned i = 0; i < length; ++i) hash += static_cast<char>(digest[i]);
  return hash;
}

SshKex::Step SshKex::fail(Error error) {
  error_ = std::move(error);
  return Step::failed;
}

}  // namespace audit::proto
