#include "proto/encoding.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace audit::proto;
using namespace std::string_literals;

namespace {

std::string hex(std::string_view bytes) {
  std::string out(hex_size(bytes.size()), '?');
  write_hex(bytes, out.data());
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out(base64_size(bytes.size()), '?');
  write_base64(bytes, out.data());
  return out;
}

/// The bytes, or "what @offset". The buffer is exactly as large as promised, so that a sanitizer sees what is beyond.
std::string from(Decoded (*read)(std::string_view, char*), std::string_view text, std::size_t most) {
  std::vector<char> out(most);
  const Decoded decoded = read(text, out.data());
  if (decoded.mistake != nullptr) return decoded.mistake + " @"s + std::to_string(decoded.offset);
  REQUIRE(decoded.size <= most);
  return {out.data(), decoded.size};
}
std::string unhex(std::string_view text) { return from(read_hex, text, text.size() / 2); }
std::string unbase64(std::string_view text) { return from(read_base64, text, text.size() / 4 * 3); }

}  // namespace

TEST_CASE("hex and base64 are those of RFC 4648, section 10") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64(bytes) == text);
    CHECK(unbase64(text) == bytes);
  }
  CHECK(hex("foobar") == "666f6f626172");
  CHECK(unhex("666F6f626172") == "foobar");
  CHECK(hex("\0\xff\x80"s) == "00ff80");
  CHECK(base64("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("a decoder says what is wrong, and where") {
  CHECK(unhex("0g") == "not a hex digit @1");
  CHECK(unhex("00 11") == "not a hex digit @2");
  CHECK(unhex("000") == "an odd number of hex digits @3");
  CHECK(unhex("\xff\xff") == "not a hex digit @0");
  CHECK(unbase64("Zm9") == "not a multiple of four digits; `=` pads the end @3");
  CHECK(unbase64("Zm9v\n") == "not a base64 digit @4");
  CHECK(unbase64("Zm-_") == "not a base64 digit @2");
  CHECK(unbase64("Zg=a") == "not a base64 digit @2");
  CHECK(unbase64("Z===") == "not a base64 digit @1");
  CHECK(unbase64("====") == "not a base64 digit @0");
  CHECK(unbase64("==") == "not a multiple of four digits; `=` pads the end @2");
  CHECK(unbase64("Zh==") == "bits are set behind the last byte @1");
  CHECK(unbase64("Zm9=") == "bits are set behind the last byte @2");
  CHECK(unbase64("Zg==Zg==") == "not a base64 digit @2");
}

TEST_CASE("whatever was encoded comes back, and what is decoded was so encoded") {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    REQUIRE(unhex(hex(bytes)) == bytes);
    REQUIRE(unbase64(base64(bytes)) == bytes);
    std::string text = base64(bytes);
    if (text.empty()) continue;
    text[random() % text.size()] = static_cast<char>(random());
    std::vector<char> out(text.size());
    const Decoded decoded = read_base64(text, out.data());
    if (decoded.mistake == nullptr)
      REQUIRE(base64({out.data(), decoded.size}) == text);
    else
      REQUIRE(decoded.offset <= text.size());
  }
}
