#include "proto/ssh_kex.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "proto/openssl_ptr.hpp"
#include "proto/ssh_signature.hpp"
#include "proto/ssh_wire.hpp"
#include "ssh_server.hpp"

using namespace audit;
using namespace audit::proto;
using audit::test::SshServer;
using Step = SshKex::Step;

namespace {

/// A client and a server that have agreed on a method and on ssh-ed25519.
struct Exchange {
  explicit Exchange(std::string_view method) {
    SshKexInit offer = server.offer;
    offer.kex.names = {std::string(method)};
    server.offer.kex = offer.kex;
    heard.ident = "SSH-2.0-audit";
    heard.kexinit = encode_ssh_kexinit(offer);
    SshTranscript transcript;
    transcript.client_ident = heard.ident;
    transcript.client_kexinit = heard.kexinit;
    transcript.server_ident = server.ident;
    transcript.server_kexinit = server.kexinit();
    kex.emplace(method, std::move(transcript), std::string(ssh_random_size, '\x33'));
  }
  Step run() {
    Step step = Step::send;
    while (step == Step::send) {
      heard.payloads.push_back(kex->outgoing());
      step = kex->receive(*server.reply_payload(heard));
    }
    return step;
  }
  Result<void> verified() {
    return verify_ssh_signature(kex->reply().host_key, "ssh-ed25519", kex->reply().signature, kex->reply().hash);
  }

  SshServer server;
  SshServer::Heard heard;
  std::optional<SshKex> kex;
};

std::string raw(std::string_view hex) {
  std::string bytes;
  REQUIRE(from_hex(hex, bytes));
  return bytes;
}

/// The random bytes that make an elliptic curve's secret this number: `secret` less 1, with zeros before it.
std::string random_for(std::string_view secret_hex) {
  std::string number = raw(secret_hex);
  std::size_t at = number.size();
  do {
    --at;
    number[at] = static_cast<char>(number[at] - 1);
  } while (number[at] == '\xff');
  return std::string(ssh_random_size - number.size(), '\0') + number;
}

}  // namespace

TEST_CASE("every method of key exchange ends in a host key that is proven") {
  for (const std::string_view method : ssh_kex_methods()) {
    INFO(method);
    Exchange exchange(method);
    REQUIRE(exchange.run() == Step::done);
    CHECK(exchange.kex->reply().host_key == SshServer::host_key("ssh-ed25519"));
    CHECK(exchange.verified());
  }
}

TEST_CASE("a signature over another exchange proves nothing") {
  Exchange lying("curve25519-sha256");
  lying.server.lies = true;
  REQUIRE(lying.run() == Step::done);
  CHECK_FALSE(lying.verified());
  Exchange other("curve25519-sha256");
  other.server.ident = "SSH-2.0-another";
  REQUIRE(other.run() == Step::done);
  CHECK_FALSE(other.verified());
}

TEST_CASE("X25519 agrees on the secret of RFC 7748 6.1") {
  const auto bob = make_x25519_agreement(raw("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb") +
                                         std::string(ssh_random_size - 32, 'x'));
  CHECK(to_hex(bob->ours()) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const Result<std::string> secret =
      bob->shared(raw("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
  REQUIRE(secret);
  CHECK(to_hex(*secret) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST_CASE("ECDH on nistp256 agrees on the secret of RFC 5903 8.1") {
  const auto initiator =
      make_ecdh_agreement(256, random_for("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
  CHECK(to_hex(initiator->ours()) ==
        "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
        "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3");
  const Result<std::string> secret =
      initiator->shared(raw("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                            "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"));
  REQUIRE(secret);
  CHECK(to_hex(*secret) == "00d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

TEST_CASE("values outside of their group are refused") {
  const auto reason_of = [](std::string_view method, const std::string& value) {
    Exchange exchange(method);
    exchange.server.public_value = value;
    CHECK(exchange.run() == Step::failed);
    CHECK(exchange.kex->error().reason == Reason::protocol_error);
    return exchange.kex->error().message;
  };
  CHECK(reason_of("curve25519-sha256", std::string(32, '\0')) == "the server's X25519 value gives no shared secret");
  CHECK(reason_of("curve25519-sha256", std::string(31, 'x')) == "the server's X25519 value is not of 32 bytes");
  CHECK(reason_of("ecdh-sha2-nistp256", std::string(1, '\0')) != "");
  CHECK(reason_of("ecdh-sha2-nistp256", '\x04' + std::string(64, 'x')) ==
        "the server's ECDH value is not on its curve");
  CHECK(reason_of("ecdh-sha2-nistp521", std::string(30'000, 'x')) == "the server's ECDH value is not on its curve");
  const std::string outside = "the server's Diffie-Hellman value is not between 1 and the prime less 1";
  CHECK(reason_of("diffie-hellman-group1-sha1", "\x01") == outside);
  CHECK(reason_of("diffie-hellman-group1-sha1", std::string(1, '\0')) == outside);
  CHECK(reason_of("diffie-hellman-group1-sha1", "\xff") == outside);
  CHECK(reason_of("diffie-hellman-group1-sha1", std::string(30'000, '\x7f')) == outside);
  const BignumPtr last(BN_get_rfc2409_prime_1024(nullptr));
  BN_sub_word(last.get(), 1);
  std::string bytes(128, '\0');
  BN_bn2bin(last.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  CHECK(reason_of("diffie-hellman-group1-sha1", '\0' + bytes) == outside);
}

TEST_CASE("a group that is none is refused") {
  const auto reason_of = [](std::string_view prime, std::string_view generator) {
    const auto made = make_group_agreement(prime, generator, std::string(ssh_random_size, 'r'));
    return made ? "" : made.error().message;
  };
  const std::string odd(128, '\x7f');
  CHECK(reason_of(odd, "\x02").empty());
  CHECK(reason_of(std::string(127, '\x7f') + '\x7e', "\x02") == "the prime of the server's group is even");
  CHECK(reason_of(std::string(63, '\x7f'), "\x02") == "the server's group has 503 bits, where 512 to 8192 are taken");
  CHECK(reason_of(std::string(1025, '\x7f'), "\x02") ==
        "the server's group has 8199 bits, where 512 to 8192 are taken");
  const std::string outside = "the generator of the server's group is not within it";
  CHECK(reason_of(odd, "\x01") == outside);
  CHECK(reason_of(odd, "") == outside);
  CHECK(reason_of(odd, odd) == outside);
  CHECK(reason_of(odd, std::string(30'000, '\x7f')) == outside);
}

TEST_CASE("a key exchange whose messages are cut or of another kind fails") {
  for (const std::string_view method : {"curve25519-sha256", "diffie-hellman-group-exchange-sha256"}) {
    Exchange honest(method);
    honest.heard.payloads.push_back(honest.kex->outgoing());
    const std::string payload = *honest.server.reply_payload(honest.heard);
    for (std::size_t size = 0; size < payload.size(); ++size) {
      Exchange cut(method);
      REQUIRE(cut.kex->receive(payload.substr(0, size)) == Step::failed);
      REQUIRE(cut.kex->error().reason == Reason::protocol_error);
    }
    Exchange longer(method);
    CHECK(longer.kex->receive(payload + "x") == Step::failed);
    CHECK(longer.kex->receive(payload) == Step::failed);
    Exchange other(method);
    CHECK(other.kex->receive("\x15") == Step::failed);
    CHECK(other.kex->error().message.starts_with("SSH message 21 where the "));
  }
}
