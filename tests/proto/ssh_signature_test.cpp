#include "proto/ssh_signature.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "proto/ssh_wire.hpp"
#include "ssh_samples.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test::ssh_samples;

namespace {

struct Sample {
  std::string_view algorithm;
  std::string key;
  std::string signature;
};

std::vector<Sample> samples() {
  return {{"ssh-rsa", bytes(rsa_key), bytes(ssh_rsa_signature)},
          {"rsa-sha2-256", bytes(rsa_key), bytes(rsa_sha2_256_signature)},
          {"rsa-sha2-512", bytes(rsa_key), bytes(rsa_sha2_512_signature)},
          {"ssh-dss", bytes(dsa_key), bytes(ssh_dss_signature)},
          {"ecdsa-sha2-nistp256", bytes(nistp256_key), bytes(ecdsa_sha2_nistp256_signature)},
          {"ecdsa-sha2-nistp384", bytes(nistp384_key), bytes(ecdsa_sha2_nistp384_signature)},
          {"ecdsa-sha2-nistp521", bytes(nistp521_key), bytes(ecdsa_sha2_nistp521_signature)},
          {"ssh-ed25519", bytes(ed25519_key), bytes(ssh_ed25519_signature)},
          {"ssh-ed448", bytes(ed448_key), bytes(ssh_ed448_signature)}};
}

std::string why_not(std::string_view key, std::string_view algorithm, std::string_view signature) {
  const Result<void> verified = verify_ssh_signature(key, algorithm, signature, signed_text);
  return verified ? "" : verified.error().message;
}

std::string signature_blob(std::string_view name, std::string_view raw) {
  std::string blob;
  put_ssh_string(blob, name);
  put_ssh_string(blob, raw);
  return blob;
}

}  // namespace

TEST_CASE("an honest signature of each algorithm verifies") {
  for (const Sample& sample : samples()) {
    INFO(sample.algorithm);
    CHECK(why_not(sample.key, sample.algorithm, sample.signature).empty());
  }
}

TEST_CASE("a signature of other bytes, by another key or with a bit flipped does not verify") {
  for (const Sample& sample : samples()) {
    INFO(sample.algorithm);
    CHECK_FALSE(verify_ssh_signature(sample.key, sample.algorithm, sample.signature, "another exchange hash"));
    for (std::size_t at = 0; at < sample.signature.size(); ++at) {
      std::string forged = sample.signature;
      forged[at] = static_cast<char>(forged[at] ^ 1);
      REQUIRE_FALSE(why_not(sample.key, sample.algorithm, forged).empty());
    }
    std::string other = sample.key;
    other.back() = static_cast<char>(other.back() ^ 1);
    CHECK_FALSE(why_not(other, sample.algorithm, sample.signature).empty());
    for (std::size_t size = 0; size < sample.signature.size(); ++size)
      REQUIRE_FALSE(why_not(sample.key, sample.algorithm, sample.signature.substr(0, size)).empty());
  }
}

TEST_CASE("a signature of another algorithm than was agreed on does not count") {
  CHECK(why_not(bytes(rsa_key), "rsa-sha2-512", bytes(ssh_rsa_signature)) ==
        "the signature is of `ssh-rsa`, where rsa-sha2-512 was agreed on");
  CHECK(why_not(bytes(ed25519_key), "x\x1b", signature_blob("x\x1b", "s")) ==
        "signatures of x\\x1b cannot be verified");
  CHECK_FALSE(why_not(bytes(ed25519_key), "rsa-sha2-512", bytes(rsa_sha2_512_signature)).empty());
}

TEST_CASE("an RSA signature without its leading zeros verifies") {
  // A signature that begins with a zero comes once in 256: this is what a server that strips it sends of one that does not.
  std::string longer = bytes(rsa_sha2_256_signature);
  SshCursor cursor(longer);
  const std::string name(cursor.string());
  const std::string raw(cursor.string());
  CHECK(why_not(bytes(rsa_key), name, signature_blob(name, raw)).empty());
  CHECK_FALSE(why_not(bytes(rsa_key), name, signature_blob(name, '\0' + raw)).empty());
  CHECK_FALSE(why_not(bytes(rsa_key), name, signature_blob(name, raw.substr(1))).empty());
}

TEST_CASE("keys too large to be worth the work are refused, and nonsense is survived") {
  std::string blob;
  put_ssh_string(blob, "ssh-rsa");
  put_ssh_string(blob, "\x03");
  put_ssh_string(blob, std::string(3'000, '\x7f'));
  CHECK(why_not(blob, "rsa-sha2-256", signature_blob("rsa-sha2-256", std::string(3'000, 'x'))) ==
        "the host key is not one that can be used, or is too large");
  std::string exponent;
  put_ssh_string(exponent, "ssh-rsa");
  put_ssh_string(exponent, std::string(256, '\x7f'));
  put_ssh_string(exponent, std::string(256, '\x7f'));
  CHECK_FALSE(why_not(exponent, "rsa-sha2-256", signature_blob("rsa-sha2-256", std::string(256, 'x'))).empty());
  for (const Sample& sample : samples()) {
    CHECK_FALSE(why_not(sample.key, sample.algorithm, signature_blob(sample.algorithm, "")).empty());
    CHECK_FALSE(why_not("", sample.algorithm, sample.signature).empty());
    CHECK_FALSE(
        why_not(sample.key, sample.algorithm, signature_blob(sample.algorithm, std::string(30'000, '\x7f'))).empty());
  }
}

TEST_CASE("mutated keys and signatures end in a verdict") {
  std::mt19937 random(9);
  for (const Sample& sample : samples())
    for (int round = 0; round < 100; ++round) {
      std::string key = sample.key;
      key[random() % key.size()] = static_cast<char>(random());
      INFO(sample.algorithm << ' ' << to_hex(key));
      const std::string message = why_not(key, sample.algorithm, sample.signature);
      CHECK((key == sample.key || !message.empty()));
    }
}

TEST_CASE("a certificate is its authority's where it is signed by it") {
  for (const std::string_view sample : {rsa_certificate, nistp256_certificate}) {
    const std::string blob = bytes(sample);
    const Result<SshHostKey> key = parse_ssh_host_key(blob);
    REQUIRE(key);
    CHECK(verify_ssh_certificate(blob, *key->certificate));
    std::string forged = blob;
    const std::size_t at = forged.find(sample == rsa_certificate ? "host id" : "by rsa");
    REQUIRE(at != std::string::npos);
    forged[at] = 'X';
    const Result<SshHostKey> other = parse_ssh_host_key(forged);
    REQUIRE(other);
    const Result<void> verified = verify_ssh_certificate(forged, *other->certificate);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().message == "the certificate is not signed by the authority that it names");
  }
}
