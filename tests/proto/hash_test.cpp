#include "proto/hash.hpp"

#include <catch2/catch.hpp>

#include "hexed.hpp"

using namespace audit::proto;
using audit::test::hexed;

namespace {

std::string hash_of(std::string_view name, std::string_view bytes) {
  HashBytes out{};
  const std::size_t size = hash(find_hash(name).value(), bytes, out);
  return audit::to_hex({reinterpret_cast<const char*>(out.data()), size});
}

std::string hmac_of(std::string_view name, std::string_view key, std::string_view bytes) {
  HashBytes out{};
  const std::size_t size = hmac(find_hash(name).value(), key, bytes, out);
  return audit::to_hex({reinterpret_cast<const char*>(out.data()), size});
}

}  // namespace

TEST_CASE("the hashes of \"abc\" are those of RFC 1321, FIPS 180-4, FIPS 202 and RFC 7693") {
  CHECK(hash_of("md5", "abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hash_of("sha1", "abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hash_of("sha224", "abc") == "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  CHECK(hash_of("sha256", "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hash_of("sha384", "abc") ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  CHECK(hash_of("sha512", "abc") ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  CHECK(hash_of("sha3-256", "abc") == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  CHECK(hash_of("sha3-512", "abc") ==
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
        "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0");
  CHECK(hash_of("blake2b512", "abc") ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  CHECK(hash_of("md5", "") == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("every name that is listed is a hash, and no other") {
  std::string_view names = hash_names();
  int count = 0;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    CHECK(find_hash(names.substr(0, end)));
    names.remove_prefix(std::min(end + 1, names.size()));
    ++count;
  }
  CHECK(count == 9);
  CHECK_FALSE(find_hash("SHA256"));
  CHECK_FALSE(find_hash(""));
}

TEST_CASE("HMAC is that of RFC 2202 and RFC 4231") {
  CHECK(hmac_of("md5", "Jefe", "what do ya want for nothing?") == "750c783e6ab0b503eaa86e310a5db738");
  CHECK(hmac_of("sha1", "Jefe", "what do ya want for nothing?") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hmac_of("sha256", "Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_of("sha512", std::string(20, '\x0b'), "Hi There") ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  CHECK(hmac_of("sha256", std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key is a key, and not the last one") {
  CHECK(hmac_of("sha256", "other", "x") != hmac_of("sha256", "", "x"));
  CHECK(hmac_of("sha256", {}, "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("equality in constant time is equality") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}
