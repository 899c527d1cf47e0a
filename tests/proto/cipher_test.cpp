#include "proto/cipher.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "hexed.hpp"

using namespace audit::proto;
using audit::test::hexed;

namespace {

// SP 800-38A, appendix F: one key of each size, one message.
const std::string key128 = hexed("2b7e151628aed2a6abf7158809cf4f3c");
const std::string key256 = hexed("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
const std::string vector_iv = hexed("000102030405060708090a0b0c0d0e0f");
const std::string message = hexed(
    "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");

struct Sealed {
  CipherOutcome outcome;
  std::string bytes;
  std::string tag;
};

CipherInput given(std::string_view key, std::string_view iv, bool padding = false, std::string_view aad = {}) {
  CipherInput input;
  input.key = key;
  input.iv = iv;
  input.aad = aad;
  input.padding = padding;
  return input;
}

Sealed seal(std::string_view name, const CipherInput& input, std::string_view bytes) {
  const Cipher& cipher = *find_cipher(name);
  std::vector<char> out(bytes.size() + cipher.block_size);
  std::size_t size = 0;
  CipherTag tag{};
  const CipherOutcome outcome = encrypt(cipher, input, bytes, out.data(), size, tag);
  return {outcome, {out.data(), size}, {tag.data(), tag.size()}};
}

Sealed unseal(std::string_view name, const CipherInput& input, std::string_view bytes, std::string_view tag = {}) {
  const Cipher& cipher = *find_cipher(name);
  std::vector<char> out(bytes.size() + cipher.block_size);
  std::size_t size = 0;
  CipherTag expected{};
  tag.copy(expected.data(), expected.size());
  const CipherOutcome outcome = decrypt(cipher, input, bytes, expected, out.data(), size);
  return {outcome, {out.data(), size}, {}};
}

/// Encrypts to `expected`, and back.
void check_vector(std::string_view name, const CipherInput& input, std::string_view bytes, std::string_view expected) {
  INFO(name);
  const Sealed sealed = seal(name, input, bytes);
  CHECK(sealed.outcome == CipherOutcome::done);
  CHECK(audit::to_hex(sealed.bytes) == audit::to_hex(hexed(expected)));
  CHECK(unseal(name, input, sealed.bytes, sealed.tag).bytes == bytes);
}

}  // namespace

TEST_CASE("AES without a mode is that of FIPS 197, appendix C") {
  const std::string block = hexed("00112233445566778899aabbccddeeff");
  const std::string key = hexed("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  check_vector("aes-128-ecb", given(key.substr(0, 16), ""), block, "69c4e0d86a7b0430d8cdb78070b4c55a");
  check_vector("aes-192-ecb", given(key.substr(0, 24), ""), block, "dda97ca4864cdfe06eaf70a0ec0d7191");
  check_vector("aes-256-ecb", given(key, ""), block, "8ea2b7ca516745bfeafc49904b496089");
}

TEST_CASE("AES in its modes is that of SP 800-38A, appendix F") {
  check_vector("aes-128-cbc", given(key128, vector_iv), message,
               "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
               "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7");
  check_vector("aes-256-cbc", given(key256, vector_iv), message,
               "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
               "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b");
  check_vector("aes-128-cfb128", given(key128, vector_iv), message,
               "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
               "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6");
  const std::string counter = hexed("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  check_vector("aes-128-ctr", given(key128, counter), message,
               "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
               "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
}

TEST_CASE("GCM is that of its authors' test cases 4 and 6, and of an empty message") {
  const std::string key = hexed("feffe9928665731c6d6a8f9467308308");
  const std::string aad = hexed("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string bytes = hexed(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const std::string iv = hexed("cafebabefacedbaddecaf888");
  check_vector("aes-128-gcm", given(key, iv, true, aad), bytes,
               "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
               "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091");
  CHECK(audit::to_hex(seal("aes-128-gcm", given(key, iv, true, aad), bytes).tag) == "5bc94fbc3221a5db94fae95ae7121a47");
  const std::string long_iv = hexed(
      "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728"
      "c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b");
  CHECK(audit::to_hex(seal("aes-128-gcm", given(key, long_iv, true, aad), bytes).tag) ==
        "619cc5aefffe0bfa462af43c1699d050");
  const std::string zeros(16, '\0');
  const Sealed empty = seal("aes-128-gcm", given(zeros, {zeros.data(), 12}), "");
  CHECK(audit::to_hex(empty.tag) == "58e2fccefa7e3061367f1d57a4e7455a");
  CHECK(empty.bytes.empty());
}

TEST_CASE("DES in CBC is that of FIPS 81") {
  const std::string key = hexed("0123456789abcdef");
  const std::string iv = hexed("1234567890abcdef");
  check_vector("des-cbc", given(key, iv), "Now is the time for all ",
               "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
}

TEST_CASE("padding fills the last block, and comes off again; where it is wrong nothing is given") {
  const CipherInput input = given(key128, vector_iv, true);
  for (std::size_t size = 0; size <= 33; ++size) {
    const std::string bytes(size, 'x');
    const Sealed sealed = seal("aes-128-cbc", input, bytes);
    CHECK(sealed.bytes.size() == size / 16 * 16 + 16);
    CHECK(unseal("aes-128-cbc", input, sealed.bytes).bytes == bytes);
  }
  CHECK(unseal("aes-128-cbc", input, message).outcome == CipherOutcome::does_not_fit);
  CHECK(unseal("aes-128-cbc", input, "too short").outcome == CipherOutcome::does_not_fit);
  CHECK(unseal("aes-128-cbc", input, "").outcome == CipherOutcome::does_not_fit);
}

TEST_CASE("a message, a tag or additional data that somebody changed does not fit") {
  const std::string iv(12, 'i');
  const CipherInput input = given(key128, iv, true, "header");
  const Sealed sealed = seal("aes-128-gcm", input, "message");
  CHECK(unseal("aes-128-gcm", input, sealed.bytes, sealed.tag).outcome == CipherOutcome::done);
  CHECK(unseal("aes-128-gcm", input, "massage", sealed.tag).outcome == CipherOutcome::does_not_fit);
  CHECK(unseal("aes-128-gcm", input, sealed.bytes, std::string(16, 't')).outcome == CipherOutcome::does_not_fit);
  CHECK(unseal("aes-128-gcm", given(key128, iv, true, "Header"), sealed.bytes, sealed.tag).outcome ==
        CipherOutcome::does_not_fit);
}

TEST_CASE("keys and vectors of another size are refused, not read beyond their end") {
  CHECK(seal("aes-128-cbc", given("short", vector_iv), "x").outcome == CipherOutcome::refused);
  CHECK(seal("aes-128-cbc", given(key128, "short"), "x").outcome == CipherOutcome::refused);
  CHECK(seal("aes-128-gcm", given(key128, ""), "x").outcome == CipherOutcome::refused);
  CHECK(seal("aes-128-gcm", given(key128, std::string(65, 'i')), "x").outcome == CipherOutcome::refused);
  CHECK(seal("des-cbc", given(key128, "12345678"), "x").outcome == CipherOutcome::refused);
  CHECK(find_cipher("aes-128") == nullptr);
  CHECK(find_cipher("") == nullptr);
}
