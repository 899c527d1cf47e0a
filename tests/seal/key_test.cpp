#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "seal/armor.hpp"
#include "seal/public_key.hpp"
#include "seal/signing_key.hpp"
#include "test_keys.hpp"

using namespace audit;
using namespace audit::seal;
using Catch::Contains;

namespace {

std::string why(const std::string& text) {
  const Result<SigningKey> key = SigningKey::read(text);
  REQUIRE_FALSE(key);
  CHECK(key.error().reason == Reason::protocol_error);
  return key.error().message;
}

std::string why_public(const std::string& text) {
  const Result<std::string> key = read_public_key(text);
  REQUIRE_FALSE(key);
  return key.error().message;
}

template <class Spoil>
std::string spoilt(Spoil spoil) {
  OpensshKey key;
  spoil(key);
  return key.text();
}

}  // namespace

TEST_CASE("one key is the same from PEM and from OpenSSH, and signs as RFC 8032 says") {
  for (const std::string& text : {pem_private(), OpensshKey().text()}) {
    const Result<SigningKey> key = SigningKey::read(text);
    REQUIRE(key);
    CHECK(key->public_blob() == test_blob());
    CHECK(to_hex(key->sign("")) ==
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
          "d25bf5f0595bbe24655141438e7a100b");
  }
}

TEST_CASE("a public key is the same from a line, a file of lines and PEM") {
  for (const std::string& text :
       {public_line(), public_line() + "\n", "# of the auditor\r\n\n  " + public_line() + "\r\n", pem_public()}) {
    const Result<std::string> key = read_public_key(text);
    REQUIRE(key);
    CHECK(*key == test_blob());
  }
}

TEST_CASE("a key that is encrypted is refused with what to do") {
  CHECK_THAT(why(spoilt([](OpensshKey& key) { key.cipher = "aes256-ctr"; })), Contains("ssh-keygen -p -f COPY"));
  CHECK_THAT(why(armored("anything", "ENCRYPTED PRIVATE KEY")), Contains("openssl pkey -in KEY"));
  CHECK_THAT(why("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"), Contains("is encrypted"));
}

TEST_CASE("a key of another kind, or none, is refused with what to do") {
  CHECK_THAT(why(spoilt([](OpensshKey& key) { key.type = "ssh-rsa"; })), Contains("ssh-keygen -t ed25519"));
  CHECK_THAT(why(public_line()), Contains("is no private key"));
  CHECK_THAT(why(pem_public()), Contains("is no private key"));
  CHECK_THAT(why(""), Contains("is no private key"));
  CHECK_THAT(why(armored("no DER", "PRIVATE KEY")), Contains("cannot be read") || Contains("can be read"));
  CHECK_THAT(why(std::string(70'000, 'x')), Contains("longer than"));
  CHECK_THAT(why_public(pem_private()), Contains("is a private key"));
  CHECK_THAT(why_public(OpensshKey().text()), Contains("is a private key"));
  CHECK_THAT(why_public("ssh-rsa AAAA"), Contains("none of Ed25519"));
  CHECK_THAT(why_public(public_line() + "\n" + public_line()), Contains("more than one key"));
  CHECK_THAT(why_public("# nothing\n"), Contains("holds no key"));
  CHECK_THAT(why_public("ssh-ed25519 AAAA"), Contains("does not hold the fields"));
  CHECK_THAT(why_public("ssh-ed25519 !"), Contains("does not hold the fields"));
  CHECK_THAT(why_public(std::string(70'000, 'x')), Contains("longer than"));
}

TEST_CASE("a private key of OpenSSH whose fields do not fit each other is refused") {
  const auto broken = [](void (*spoil)(OpensshKey&)) {
    CHECK_THAT(why(spoilt(spoil)), Contains("does not hold the fields"));
  };
  broken([](OpensshKey& key) { key.magic.back() = '1'; });
  broken([](OpensshKey& key) { key.count = 2; });
  broken([](OpensshKey& key) { key.second = 8; });
  broken([](OpensshKey& key) { key.known.pop_back(); });
  broken([](OpensshKey& key) { key.known.front() = '\0'; });
  broken([](OpensshKey& key) { key.secret.pop_back(); });
  broken([](OpensshKey& key) { key.secret.front() = '\0'; });  // its public key is another
  broken([](OpensshKey& key) { key.outer.back() = '\0'; });
  broken([](OpensshKey& key) { key.padding = "\1\2\4"; });
  broken([](OpensshKey& key) { key.padding = "\1\2\3\4\5\6\7\10"; });
  broken([](OpensshKey& key) { key.behind = "x"; });
}

TEST_CASE("a key that is cut anywhere is refused") {
  const std::string bytes = OpensshKey().bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    const Result<SigningKey> key = SigningKey::read(armored(bytes.substr(0, size), "OPENSSH PRIVATE KEY"));
    CHECK_FALSE(key);
  }
}

TEST_CASE("armor keeps its bytes, in lines of 70, and what is none gives nothing") {
  for (const std::size_t size : {0U, 1U, 52U, 53U, 500U}) {
    const std::string bytes(size, '\xab');
    const std::string text = armored(bytes, "A THING");
    CHECK(has_armor(text, "A THING"));
    CHECK_FALSE(has_armor(text, "THING"));
    CHECK(dearmor("before\n" + text + "behind", "A THING") == bytes);
    CHECK(text.find('\n', 24) <= 24 + 70);
  }
  CHECK_FALSE(dearmor("-----BEGIN A THING-----\nAAAA\n", "A THING"));
  CHECK_FALSE(dearmor("-----BEGIN A THING-----\nA\n-----END A THING-----\n", "A THING"));
  CHECK_FALSE(dearmor("AAAA", "A THING"));
}
