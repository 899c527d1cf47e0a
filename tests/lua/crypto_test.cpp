#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("crypto: hashes and HMAC of the standards' vectors") {
  CHECK(said("return info(bytes.hex(crypto.hash('md5', 'abc')))") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(said("return info(bytes.hex(crypto.hash('sha256', 'abc')))") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(said("return info(bytes.hex(crypto.hmac('sha1', 'Jefe', 'what do ya want for nothing?')))") ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("crypto: SNMPv3's key localisation comes out as RFC 3414 A.3.1 says") {
  CHECK(said("local password, engine = 'maplesyrup', bytes.unhex('000000000000000000000002')\n"
             "local million = password:rep(1048576 // #password + 1):sub(1, 1048576)\n"
             "local key = crypto.hash('md5', million)\n"
             "return info(bytes.hex(key) .. ' ' .. bytes.hex(crypto.hash('md5', key .. engine .. key)))") ==
        "9faf3283884e92834ebc9847d8edd963 526f5eed9fcce26f8964c2930787d82b");
}

TEST_CASE("crypto: ciphers encrypt and decrypt") {
  CHECK(said("local k, iv = bytes.unhex('2b7e151628aed2a6abf7158809cf4f3c'), "
             "bytes.unhex('000102030405060708090a0b0c0d0e0f')\n"
             "local e = crypto.encrypt('aes-128-cbc', k, iv, bytes.unhex('6bc1bee22e409f96e93d7e117393172a'), { "
             "padding = false })\n"
             "return info(bytes.hex(e))") == "7649abac8119b246cee98e9b12e9197d");
  CHECK(said("local k = ('k'):rep(16)\n"
             "for _, mode in ipairs { 'ecb', 'cbc', 'ctr', 'cfb128' } do\n"
             "  local iv = mode == 'ecb' and '' or ('i'):rep(16)\n"
             "  for n = 0, 33 do\n"
             "    local text = ('x'):rep(n)\n"
             "    local sealed = crypto.encrypt('aes-128-' .. mode, k, iv, text)\n"
             "    assert(n == 0 or sealed ~= text)\n"
             "    assert(crypto.decrypt('aes-128-' .. mode, k, iv, sealed) == text)\n"
             "  end\n"
             "end\n"
             "return info('same')") == "same");
  CHECK(said("local k, iv = ('k'):rep(32), ('i'):rep(12)\n"
             "local sealed, tag = crypto.encrypt('aes-256-gcm', k, iv, 'text', { aad = 'head' })\n"
             "local open = crypto.decrypt('aes-256-gcm', k, iv, sealed, { aad = 'head', tag = tag })\n"
             "local other, kind, why = try(crypto.decrypt, 'aes-256-gcm', k, iv, sealed, { aad = 'Head', tag = tag })\n"
             "return info(#tag .. open .. tostring(other) .. ' ' .. kind .. ' ' .. why)") ==
        "16textnil protocol_error crypto.decrypt: the tag does not fit");
  CHECK(said("return info(bytes.hex(crypto.encrypt('des-cbc', bytes.unhex('0123456789abcdef'), "
             "bytes.unhex('1234567890abcdef'), 'Now is the time for all ', { padding = false })))") ==
        "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
}

TEST_CASE("crypto: what does not decrypt is protocol_error") {
  const char* const calls[] = {"'aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x'",
                               "'aes-128-cbc', ('k'):rep(16), ('i'):rep(16), ('x'):rep(16)",
                               "'aes-128-cbc', ('k'):rep(16), ('i'):rep(16), ''",
                               "'aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x', { padding = false }",
                               "'aes-128-gcm', ('k'):rep(16), 'i', 'x', { tag = 'short' }",
                               "'aes-128-gcm', ('k'):rep(16), 'i', 'x', { tag = ('t'):rep(16) }"};
  for (const char* call : calls) {
    INFO(call);
    CHECK(ended(run_once("crypto.decrypt(" + std::string(call) + ")")) == "error protocol_error");
  }
}

TEST_CASE("crypto: what does not decrypt is said to be cut, or not to fit") {
  CHECK_THAT(run_once("crypto.decrypt('aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x')").finding.message,
             Contains("1 bytes are not whole blocks of 16"));
  CHECK_THAT(run_once("crypto.decrypt('aes-128-gcm', ('k'):rep(16), 'i', 'x', { tag = 'short' })").finding.message,
             Contains("a tag is 16 bytes, not 5"));
}

TEST_CASE("crypto: random bytes are those of the world, as many as asked for") {
  CHECK(said("return info(#crypto.random(1) .. ' ' .. #crypto.random(1024))") == "1 1024");
  CHECK(said("return info(tostring(crypto.random(16) ~= crypto.random(16)))") == "true");
  const Outcome first = run_once("return info(bytes.hex(crypto.random(8)))");
  CHECK(run_once("return info(bytes.hex(crypto.random(8)))").finding.message == first.finding.message);
}

TEST_CASE("crypto: a mark is of the question, the target and the run") {
  CHECK(said("return info(tostring(crypto.mark(32, 'a') == crypto.mark(32, 'a')))") == "true");
  CHECK(said("return info(tostring(crypto.mark(32, 'a') ~= crypto.mark(32, 'b')))") == "true");
  CHECK(said("return info(#crypto.mark(1, '') .. ' ' .. #crypto.mark(1024, 'a'))") == "1 1024");
  CHECK(said("local long = crypto.mark(1024, 'a')\n"
             "for i = 1, 961, 32 do assert(long:find(long:sub(i, i + 31), 1, true) == i) end\n"
             "return info(tostring(long:sub(1, 8) == crypto.mark(8, 'a')))") == "true");
  const std::string_view body = "return info(bytes.hex(crypto.mark(8, 'a')))";
  Bench one({rule_of(body), rule_of(body, "test.other")});
  const std::string seen = one.run().finding.message;
  CHECK(seen.size() == 16);
  CHECK(one.run(1).finding.message == seen);
  std::uint8_t drawn[1];
  Bench another(body);
  another.world.random(drawn);  // another run has other randomness
  CHECK(another.run().finding.message != seen);
}

TEST_CASE("crypto: a mistake of the rule says what is expected") {
  const std::pair<const char*, const char*> mistakes[] = {
      {"crypto.hash('sha257', '')", "no hash `sha257`; there are md5 sha1"},
      {"crypto.hash('md5')", "crypto.hash: argument 2 (bytes) is to be a string"},
      {"crypto.hash(nil, '')", "crypto.hash: argument 1 (name of a hash)"},
      {"crypto.hmac('md5', 5, '')", "crypto.hmac: argument 2 (key) is to be a string, not a number"},
      {"crypto.encrypt('aes-512-cbc', '', '', '')", "no cipher `aes-512-cbc`"},
      {"crypto.encrypt('aes-128-cbc', 'short', '', '')", "argument 2 (key) is to be 16 bytes for aes-128-cbc, not 5"},
      {"crypto.encrypt('aes-128-cbc', ('k'):rep(16), 'short', '')",
       "argument 3 (initialisation vector) is to be 16 bytes"},
      {"crypto.encrypt('aes-128-ecb', ('k'):rep(16), 'i', '')", "argument 3 (initialisation vector) is to be 0 bytes"},
      {"crypto.encrypt('aes-128-gcm', ('k'):rep(16), '', '')", "is to be 1 to 64, usually 12 bytes"},
      {"crypto.encrypt('aes-128-ecb', ('k'):rep(16), nil, '')", "argument 3"},
      {"crypto.encrypt('aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x', { padding = false })",
       "whole blocks of 16 bytes"},
      {"crypto.encrypt('aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x', { pading = false })", "no option `pading`"},
      {"crypto.encrypt('aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x', { padding = 0 })", "true or false"},
      {"crypto.encrypt('aes-128-cbc', ('k'):rep(16), ('i'):rep(16), 'x', 5)", "argument 5 (options)"},
      {"crypto.encrypt('aes-128-ctr', ('k'):rep(16), ('i'):rep(16), 'x', { padding = true })", "there is none"},
      {"crypto.encrypt('aes-128-gcm', ('k'):rep(16), 'i', 'x', { tag = '' })", "`tag` is an option of crypto.decrypt"},
      {"crypto.decrypt('aes-128-gcm', ('k'):rep(16), 'i', 'x')", "needs the option `tag`"},
      {"crypto.decrypt('aes-128-gcm', ('k'):rep(16), 'i', 'x', { aad = 5, tag = '' })", "to be a string"},
      {"crypto.random()", "1 to 1024"},
      {"crypto.random(0)", "1 to 1024"},
      {"crypto.random(1025)", "1 to 1024"},
      {"crypto.random(1.5)", "1 to 1024"},
      {"crypto.mark(0, '')", "1 to 1024"},
      {"crypto.mark(1025, '')", "1 to 1024"},
      {"crypto.mark(8)", "argument 2 (question) is to be a string"},
      {"crypto.hash = 1", "shared by all rules"},
  };
  for (const auto& [body, message] : mistakes) {
    const Outcome outcome = run_once(body);
    INFO(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains(message));
    CHECK_THAT(outcome.finding.message, Contains("test.rule.lua:2:"));
  }
}

}  // namespace audit::lua
