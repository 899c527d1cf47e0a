#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("bytes: hex and base64, there and back") {
  CHECK(said("return info(bytes.hex('\\0\\xffA') .. bytes.unhex('4142'))") == "00ff41AB");
  CHECK(said("return info(bytes.base64('foob') .. bytes.unbase64('Zm9vYmE='))") == "Zm9vYg==fooba");
  CHECK(said("return info(bytes.unhex(bytes.hex(('x'):rep(100000))) == ('x'):rep(100000) and 'same')") == "same");
  CHECK(said("return info(bytes.unbase64(bytes.base64(('x'):rep(100000))) == ('x'):rep(100000) and 'same')") == "same");
  CHECK(said("return info(bytes.hex('') .. bytes.unhex('') .. bytes.base64('') .. bytes.unbase64('') .. '.')") == ".");
}

TEST_CASE("bytes: what a peer wrote wrongly is protocol_error with the place, which try catches") {
  CHECK(said("local b, kind, why = try(bytes.unhex, '00zz') return info(kind .. ' ' .. why)") ==
        "protocol_error bytes.unhex: not a hex digit, at byte 3 of 4");
  CHECK(said("local b, kind, why = try(bytes.unbase64, 'Zg') return info(why)") ==
        "bytes.unbase64: not a multiple of four digits; `=` pads the end, at byte 3 of 2");
  CHECK(ended(run_once("bytes.unbase64(('!'):rep(5000))")) == "error protocol_error");
}

TEST_CASE("bytes: pack is string.pack; unpack of bytes that are too few is protocol_error") {
  CHECK(said("return info(bytes.hex(bytes.pack('>I2s1', 258, 'ab')))") == "0102026162");
  CHECK(said("local a, b, at = bytes.unpack('>I2s1', '\\1\\2\\2ab') return info(a .. b .. at)") == "258ab6");
  CHECK(said("return info('' .. bytes.unpack('B', 'abc', 3))") == "99");
  for (const char* call :
       {"'>I4', 'abc'", "'s2', '\\9\\0x'", "'z', 'abc'", "'B', 'abc', 9", "'I16', ('\\255'):rep(16)"}) {
    INFO(call);
    CHECK(ended(run_once("bytes.unpack(" + std::string(call) + ")")) == "error protocol_error");
  }
  for (const char* call : {"'Q', 'abc'", "'I17', 'abc'", "5, 'abc'", "'B'", "'B', 'a', 'x'", "'c', 'a'"}) {
    INFO(call);
    CHECK(ended(run_once("bytes.unpack(" + std::string(call) + ")")) == "error rule_error");
  }
}

TEST_CASE("bytes: equal compares, xor mixes") {
  CHECK(said("return info(tostring(bytes.equal('a', 'a')) .. tostring(bytes.equal('a', 'b')) .. "
             "tostring(bytes.equal('a', 'ab')))") == "truefalsefalse");
  CHECK(said("return info(bytes.xor('abc', '   '))") == "ABC");
}

TEST_CASE("bytes: a mistake of the rule names function, argument and what it is to be") {
  const std::pair<const char*, const char*> mistakes[] = {
      {"bytes.hex()", "bytes.hex: argument 1 (bytes) is to be a string, not a no value"},
      {"bytes.hex(5)", "bytes.hex: argument 1 (bytes) is to be a string, not a number"},
      {"bytes.unbase64({})", "bytes.unbase64: argument 1 (base64 digits) is to be a string, not a table"},
      {"bytes.equal('a', nil)", "bytes.equal: argument 2 (bytes) is to be a string, not a nil"},
      {"bytes.xor('ab', 'a')", "bytes.xor: the arguments are to be of one length, not 2 and 1 bytes"},
      {"bytes.hex(('x'):rep(40 << 20))", ""},
      {"bytes.hex = nil", "shared by all rules"},
      {"bytes.unpack('B', 'x', {})", "bytes.unpack: bad argument #3"},
  };
  for (const auto& [body, message] : mistakes) {
    const Outcome outcome = run_once(body);
    INFO(body);
    CHECK(outcome.finding.status == Status::error);
    CHECK_THAT(outcome.finding.message, Contains(message));
    if (*message != '\0') CHECK_THAT(outcome.finding.message, Contains("test.rule.lua:2:"));
  }
}

TEST_CASE("a library raises as a probe does: the check ends with that kind, and try catches it") {
  CHECK(ended(run_once("raise('auth_failed', 'the key is another')")) == "error auth_failed");
  CHECK(said("local x, kind, why = try(raise, 'eof', 'cut') return info(kind .. ' ' .. why)") == "eof cut");
  CHECK_THAT(run_once("raise('timeout', 'nobody there')").finding.message, Contains("nobody there"));
  for (const char* wrong :
       {"raise('local_fault', 'x')", "raise('out_of_scope', 'x')", "raise('over_budget', 'x')", "raise('stopped', 'x')",
        "raise('observed', 'x')", "raise()", "raise('eof')", "raise({}, 'x')", "raise('eof', ('x'):rep(2049))"}) {
    INFO(wrong);
    CHECK(ended(run_once(wrong)) == "error rule_error");
    CHECK(said("return info(tostring((pcall(function() " + std::string(wrong) + " end))))") == "false");
  }
}

}  // namespace audit::lua
