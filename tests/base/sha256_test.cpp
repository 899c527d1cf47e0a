#include "base/sha256.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"

using namespace audit;

TEST_CASE("SHA-256 gives the digests of NIST's examples") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("bytes that come in pieces have the digest of the whole, and the next ones another") {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  CHECK(hex_of(hash.finish()) == sha256_hex("abc"));
  hash.update("abc");
  CHECK(hex_of(hash.finish()) == sha256_hex("abc"));
  CHECK(hex_of(hash.finish()) == sha256_hex(""));
}
