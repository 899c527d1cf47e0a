#include <catch2/catch.hpp>

#include "proto/ssh_wire.hpp"
#include "seal/armor.hpp"
#include "seal/ssh_signature.hpp"
#include "test_keys.hpp"

using namespace audit;
using namespace audit::seal;
using Catch::Contains;

namespace {

constexpr const char* label = "SSH SIGNATURE";

std::string signed_text(std::string_view bytes) {
  const Result<SigningKey> key = SigningKey::read(pem_private());
  REQUIRE(key);
  return sign_bytes(*key, bytes);
}

std::string why(const std::string& signature, std::string_view bytes) {
  const Result<std::string> signer = signer_of(signature, bytes);
  REQUIRE_FALSE(signer);
  return signer.error().message;
}

/// A signature whose namespace and hash are others.
std::string made_of(const std::string& purpose, const std::string& hash) {
  std::string bytes = "SSHSIG";
  proto::put_ssh_number(bytes, 1);
  for (const std::string& field : {test_blob(), purpose, std::string(), hash, std::string()})
    proto::put_ssh_string(bytes, field);
  return armored(bytes, label);
}

}  // namespace

TEST_CASE("a signature names the key that made it") {
  for (const std::string& bytes : {std::string(), std::string("the manifest"), std::string(100'000, 'x')}) {
    const Result<std::string> signer = signer_of(signed_text(bytes), bytes);
    REQUIRE(signer);
    CHECK(*signer == test_blob());
  }
  CHECK(signed_text("x") == signed_text("x"));
}

TEST_CASE("a signature of other bytes is none of these") {
  CHECK_THAT(why(signed_text("these"), "those"), Contains("not a signature of these bytes"));
}

TEST_CASE("any changed bit of a signature is refused, but what no reader heeds") {
  const std::string bytes = *dearmor(signed_text("these"), label);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    INFO(at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    CHECK_FALSE(signer_of(armored(changed, label), "these"));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(signer_of(armored(bytes.substr(0, size), label), "these"));
  CHECK_FALSE(signer_of(armored(bytes + '\0', label), "these"));
}

TEST_CASE("a signature that was made for something else says so") {
  CHECK_THAT(why(made_of("file", "sha512"), "these"), Contains("is for `file`"));
  CHECK_THAT(why(made_of("audit-bundle", "md5"), "these"), Contains("over a hash `md5`"));
  CHECK_THAT(why(made_of("audit-bundle", "sha512"), "these"), Contains("not a signature of these bytes"));
  CHECK_THAT(why("", "these"), Contains("is no signature"));
  CHECK_THAT(why(armored("SSHSIG", label), "these"), Contains("is no signature"));
}
