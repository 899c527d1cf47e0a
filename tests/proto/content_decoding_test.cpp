#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <random>

#include "allocations.hpp"
#include "proto/content_decoding.hpp"
#include "splits.hpp"

using namespace audit::proto;
using namespace audit::test;
using Step = ContentDecoder::Step;

namespace {

constexpr int raw = -15;
constexpr int wrapped = 15;
constexpr int gzip = 31;

std::string pack(std::string_view text, int window, int level = 9, int flush_every = 0) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed;
  std::string room(1 << 16, '\0');
  const std::size_t piece = flush_every > 0 ? static_cast<std::size_t>(flush_every) : text.size();
  std::size_t at = 0;
  int code = Z_OK;
  while (code != Z_STREAM_END) {
    std::string part(text.substr(at, piece));
    at += part.size();
    stream.next_in = reinterpret_cast<Bytef*>(part.data());
    stream.avail_in = static_cast<uInt>(part.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = static_cast<uInt>(room.size());
      code = deflate(&stream, at >= text.size() ? Z_FINISH : Z_FULL_FLUSH);
      packed.append(room.data(), room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

/// A decoder and what it gave, as split tests want them.
struct Decoding {
  Decoding(ContentCoding coding, std::size_t most) : decoder(coding, most) {}
  void feed(std::string_view bytes) { decoder.feed(bytes, text); }

  ContentDecoder decoder;
  std::string text;
};

/// "text", then "…" where there is more, then what is wrong; the same for every split of the bytes.
std::string unpack(std::string_view bytes, ContentCoding coding = ContentCoding::gzip, std::size_t most = 1 << 20) {
  const auto make = [&] { return Decoding(coding, most); };
  const auto say = [](Decoding& decoding) {
    std::string said;
    const Step step = decoding.decoder.feed("", decoding.text);
    const bool whole = decoding.decoder.end();
    said = decoding.text;
    if (step == Step::full) said += "…";
    if (!decoding.decoder.problem().empty())
      said += fmt::format("|{}: {}", whole ? "whole" : "cut", decoding.decoder.problem());
    return said;
  };
  if (bytes.size() < 3000)
    if (std::string differing = differing_split(bytes, make, say); !differing.empty()) return differing;
  Decoding decoding = make();
  decoding.feed(bytes);
  return say(decoding);
}

}  // namespace

TEST_CASE("a Content-Encoding is known by its name, without case or blanks") {
  CHECK(parse_content_coding("") == ContentCoding::identity);
  CHECK(parse_content_coding(" identity ") == ContentCoding::identity);
  CHECK(parse_content_coding("GZip") == ContentCoding::gzip);
  CHECK(parse_content_coding("x-gzip") == ContentCoding::gzip);
  CHECK(parse_content_coding("deflate") == ContentCoding::deflate);
  CHECK(parse_content_coding("br") == ContentCoding::other);
  CHECK(parse_content_coding("gzip, gzip") == ContentCoding::other);
}

TEST_CASE("gzip, zlib and bare deflate are undone, whatever they are split into") {
  const std::string text = "a title, a title, a title";
  CHECK(unpack(pack(text, gzip)) == text);
  CHECK(unpack(pack(text, wrapped), ContentCoding::deflate) == text);
  CHECK(unpack(pack(text, raw), ContentCoding::deflate) == text);
  CHECK(unpack(pack(text, gzip, 0)) == text);
  CHECK(unpack(pack(text, gzip, 9, 3)) == text);
  CHECK(unpack(pack("", gzip)) == "");
  CHECK(unpack(pack("", raw), ContentCoding::deflate) == "");
  CHECK(unpack("") == "");
  CHECK(unpack("", ContentCoding::deflate) == "");
}

TEST_CASE("the members of a gzip body are one text") {
  CHECK(unpack(pack("ab", gzip) + pack("", gzip) + pack("cd", gzip)) == "abcd");
}

TEST_CASE("what is cut short says so, and keeps what came") {
  const std::string packed = pack(std::string(100, 'a') + "end", gzip);
  for (std::size_t size = 1; size < packed.size(); ++size) {
    CAPTURE(size);
    const std::string said = unpack(std::string_view(packed).substr(0, size));
    CHECK(said.ends_with("|cut: its gzip data ends before its end"));
  }
  CHECK(unpack("\x78", ContentCoding::deflate) == "|cut: its deflate data ends before its end");
  CHECK(unpack(pack("ab", gzip) + packed.substr(0, 12)) == "aba|cut: its gzip data ends before its end");
}

TEST_CASE("what is no such data says so") {
  CHECK(unpack("<html>hello</html>").starts_with("|cut: its gzip data is broken: incorrect header check"));
  CHECK(unpack("<html>hello</html>", ContentCoding::deflate).find("|cut: its deflate data is broken") !=
        std::string::npos);
  std::string packed = pack("some text", gzip);
  packed[packed.size() - 6] ^= 1;
  CHECK(unpack(packed) == "some text|cut: its gzip data is broken: incorrect data check");
}

TEST_CASE("bytes after the end are told, and harm nothing") {
  CHECK(unpack(pack("ab", gzip) + "x") == "ab|whole: bytes follow the end of its gzip data");
  CHECK(unpack(pack("ab", gzip) + std::string(600, '\0')) == "ab|whole: bytes follow the end of its gzip data");
  CHECK(unpack(pack("ab", raw) + "x", ContentCoding::deflate) == "ab|whole: bytes follow the end of its deflate data");
  CHECK(unpack(pack("ab", wrapped) + "xy", ContentCoding::deflate) ==
        "ab|whole: bytes follow the end of its deflate data");
}

TEST_CASE("the cap is kept to the byte") {
  const std::string packed = pack(std::string(1000, 'a'), gzip);
  CHECK(unpack(packed, ContentCoding::gzip, 1000) == std::string(1000, 'a'));
  CHECK(unpack(packed, ContentCoding::gzip, 999) == std::string(999, 'a') + "…");
  CHECK(unpack(packed, ContentCoding::gzip, 0) == "…");
}

TEST_CASE("a bomb costs its cap and no more") {
  const std::string bomb = pack(std::string(256 << 20, '\0'), gzip);
  REQUIRE(bomb.size() < 300'000);
  const std::size_t most = 1 << 20;
  ContentDecoder decoder(ContentCoding::gzip, most);
  std::string text;
  text.reserve(most);
  const Allocations allocations;
  CHECK(decoder.feed(bomb, text) == Step::full);
  CHECK(text.size() == most);
  CHECK(decoder.feed(bomb, text) == Step::full);
  CHECK(text.size() == most);
  if (Allocations::counts()) CHECK(allocations.peak_bytes() < 100'000);
}

TEST_CASE("members and blocks that hold nothing are counted, and end it") {
  const std::string member = pack("", gzip);
  ContentDecoder members(ContentCoding::gzip, 10);
  std::string text;
  Step step = Step::need_more;
  std::size_t fed = 0;
  for (; step == Step::need_more && fed < 100'000; ++fed) step = members.feed(member, text);
  CHECK(step == Step::failed);
  CHECK(fed == 4'097);
  CHECK(members.problem() == "its gzip data has more than 4096 members");

  const std::string block("\x00\x00\x00\xff\xff", 5);  // a stored block of no bytes
  ContentDecoder blocks(ContentCoding::deflate, 10);
  step = Step::need_more;
  for (fed = 0; step == Step::need_more && fed < 1'000'000; ++fed) step = blocks.feed(block, text);
  CHECK(step == Step::failed);
  CHECK(fed == 65'537);
  CHECK(blocks.problem() == "its deflate data has more than 65536 blocks");

  // 10 bits each, several of them in one byte's rest: a boundary that takes no input is counted as well.
  std::string fixed;
  unsigned bits = 0;
  unsigned held = 0;
  for (int i = 0; i < 70'000; ++i) {
    bits |= 0b010U << held;
    for (held += 10; held >= 8; held -= 8, bits >>= 8U) fixed += static_cast<char>(bits & 0xffU);
  }
  ContentDecoder small(ContentCoding::deflate, 10);
  CHECK(small.feed(fixed, text) == Step::failed);
  CHECK(small.problem() == "its deflate data has more than 65536 blocks");
  CHECK(text.empty());
}

TEST_CASE("mutated data is decoded the same for every split") {
  const std::string honest = pack("hello, hello", gzip) + pack(std::string(300, 'x'), gzip);
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = honest;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      if (random() % 2 == 0)
        bytes[at] = static_cast<char>(random());
      else
        bytes.erase(at, 1 + random() % 6);
    }
    const std::string said = unpack(bytes, round % 2 == 0 ? ContentCoding::gzip : ContentCoding::deflate, 200);
    CAPTURE(round, said);
    REQUIRE(said.find(" is not ") == std::string::npos);
  }
}
