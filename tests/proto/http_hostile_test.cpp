#include <catch2/catch.hpp>

#include <random>

#include "allocations.hpp"
#include "http_reading.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;
using Step = HttpResponseReader::Step;

namespace {

const std::string bad = "protocol_error: not a valid HTTP answer: ";

}  // namespace

TEST_CASE("what is no HTTP/1 is refused") {
  const std::string line = bad + "it does not begin with an HTTP/1 status line";
  CHECK(read_http("SSH-2.0-OpenSSH_9.2p1\r\n") == line);
  CHECK(read_http("<html>hello</html>") == line);  // HTTP/0.9
  CHECK(read_http("HTTP/x.1 200 OK\r\n\r\n") == line);
  CHECK(read_http(std::string_view("\0\0\0\0", 4)) == line);
  CHECK(read_http("HTTP/1.1 abc\r\n\r\n") == line);
  CHECK(read_http("HTTP/1.1 99999 Big\r\n\r\n") == line);
  CHECK(read_http("HTTP/2.0 200 OK\r\n\r\n") == bad + "its version is HTTP/2.0, not 1.x");
  CHECK(read_http("HTTP/0.9 200 OK\r\n\r\n") == bad + "its version is HTTP/0.9, not 1.x");
  CHECK(read_http("HTTP/1.1 12 Low\r\n\r\n") == bad + "its status is 12");
}

TEST_CASE("a length that is none, or two of them, is refused") {
  const auto with = [](const std::string& headers) { return read_http("HTTP/1.1 200 OK\r\n" + headers + "\r\nabc"); };
  CHECK(with("Content-Length: -1\r\n") == bad + "its Content-Length is no number, or too large for one");
  CHECK(with("Content-Length: +1\r\n") == bad + "its Content-Length is no number, or too large for one");
  CHECK(with("Content-Length: 0x3\r\n") == bad + "its Content-Length is no number, or too large for one");
  CHECK(with("Content-Length: 99999999999999999999\r\n") ==
        bad + "its Content-Length is no number, or too large for one");
  CHECK(with("Content-Length: 18446744073709551616\r\n") ==
        bad + "its Content-Length is no number, or too large for one");
  CHECK(with("Content-Length: 3, 3\r\n").starts_with(bad));
  CHECK(with("Content-Length: 3 3\r\n").starts_with(bad));
  CHECK(with("Content-Length:\r\n").starts_with(bad));
  CHECK(with("Content-Length: 3\r\nContent-Length: 3\r\n") ==
        bad + "it has two Content-Length headers, a sign of response smuggling");
  CHECK(with("Content-Length: 3\r\nContent-Length: 4\r\n").starts_with(bad + "it has two Content-Length"));
  const std::string both = bad + "it has both Content-Length and Transfer-Encoding, a sign of response smuggling";
  CHECK(with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") == both);
  CHECK(with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") == both);
  CHECK(with("Content-Length: 3\r\nTransfer-Encoding: gzip\r\n") == both);
  CHECK(with("Content-Length: 3\r\nTransfer-Encoding : chunked\r\n").starts_with(bad));
  CHECK(with("Transfer-Encoding : chunked\r\n") ==
        bad + "a blank stands between Transfer-Encoding and its colon, a sign of response smuggling");
}

TEST_CASE("a CR that no LF follows ends no line, and an LF by itself is no part of one") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
  const std::string cr = bad + "no LF follows a CR that ends a line";
  CHECK(read_http("HTTP/1.1 200 OK\rXContent-Length: 3\r\n\r\nabc") == cr);
  CHECK(read_http("HTTP/1.1 200\rXServer: a\r\n\r\n") == cr);
  CHECK(read_http("HTTP/1.1 200 OK\r\nServer:\rXFoo: bar\r\nContent-Length: 0\r\n\r\n") == cr);
  CHECK(read_http("HTTP/1.1 204 No Content\r\n\rX") == cr);
  CHECK(read_http(head + "\rX3\r\nabc\r\n0\r\n\r\n") == cr);
  CHECK(read_http(head + "\r\n3\rXabc\r\n0\r\n\r\n") == cr);
  CHECK(read_http(head + "\r\n3\r\nabc\r\n0\rX\r\n") == cr);
  CHECK(read_http(head + "\r\n0\r\n\rX") == cr);
  CHECK(read_http(head + "\r\n0\r\nT:\rXU: u\r\n\r\n") == cr);
  CHECK(read_http(head + "\r\n3;a\nb\r\nabc\r\n0\r\n\r\n") ==
        bad + "an LF without its CR stands in the line of a chunk's size");
}

TEST_CASE("chunk sizes that are none, or overflow, are refused") {
  const auto chunked = [](const std::string& body) {
    return read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  };
  const std::string size = bad + "a chunk size is no number, or too large for one";
  CHECK(chunked("xyz\r\n") == size);
  CHECK(chunked("-1\r\n") == size);
  CHECK(chunked("\r\n") == size);
  CHECK(chunked("fffffffffffffffff\r\nabc") == size);
  CHECK(chunked("10000000000000000\r\nabc") == size);
  CHECK(chunked("ffffffffffffffff\r\nabc") == size);
  const std::string end = bad + "a chunk is longer than its size says, or no line end follows it";
  for (const char* behind : {"XX0\r\n\r\n", "d\r\n0\r\n\r\n", "\n0\r\n\r\n", "\r0\r\n\r\n", "\rX", "\n\r0\r\n\r\n"})
    CHECK(chunked(std::string("3\r\nabc") + behind) == end);
  CHECK(chunked("2\r\nab\r\n1\r\nc0\r\n\r\n") == end);
  CHECK(chunked("3;" + std::string(90000, 'x')).starts_with(bad));
  // What came before stays, however the bytes came.
  const std::string cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3\r\nba\r\nc0\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, cut.size()}) {
    HttpResponseReader reader(false, HttpLimits());
    for (std::size_t at = 0; at < cut.size(); at += step)
      static_cast<void>(reader.feed(std::string_view(cut).substr(at, step)));
    CHECK("protocol_error: " + reader.error().message == end);
    CHECK(reader.response().body == "okba\r");
  }
}

TEST_CASE("what would end a line elsewhere is refused in a head, and other controls stay bytes") {
  CHECK(read_http(std::string("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", 27)).starts_with(bad));
  CHECK(read_http("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n").starts_with(bad));
  CHECK(read_http("HTTP/1.1 204 OK\r\nA: \x1b[31m\r\n\r\n") == "204 OK 1.1 [A=\x1b[31m] body= size=0");
  CHECK(read_http("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").starts_with(bad));
  CHECK(read_http("HTTP/1.1 200 OK\r\n: empty\r\n\r\n").starts_with(bad));
}

TEST_CASE("a header that is folded is one line of its value (RFC 9112 5.2)") {
  CHECK(read_http("HTTP/1.1 204 OK\r\nA: b\r\n c\r\n\td\r\n\r\n") == "204 OK 1.1 [A=b c\td] body= size=0");
  CHECK(
      read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\nabc").starts_with(bad));
}

TEST_CASE("interim responses without end are refused") {
  std::string stream;
  for (int i = 0; i < 8; ++i) stream += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  CHECK(read_http(stream + last) == "200 OK 1.1 [Content-Length=0] body= size=0");
  CHECK(read_http(stream + "HTTP/1.1 100 Continue\r\n\r\n" + last) ==
        bad + "more than 8 interim responses came before it");
}

TEST_CASE("a head of its cap is read, a byte more is not") {
  HttpReading reading;
  const std::string start = "HTTP/1.1 204 OK\r\nA: ";
  reading.limits.header_bytes = start.size() + 10 + 4;
  CHECK(read_http(start + std::string(10, 'x') + "\r\n\r\n", reading) == "204 OK 1.1 [A=xxxxxxxxxx] body= size=0");
  CHECK(read_http(start + std::string(11, 'x') + "\r\n\r\n", reading).starts_with(bad + "its head is longer than"));
}

TEST_CASE("a header without end is refused at the cap, whatever shape it has") {
  for (const std::string& piece :
       {std::string("x"), std::string("a:b\n"), std::string("a:\r\n"), std::string("\r\n")}) {
    HttpResponseReader reader(false, HttpLimits());
    Step step = piece == "\r\n" ? Step::need_more : reader.feed("HTTP/1.1 200 OK\r\nA: b\r\n");
    std::size_t sent = 0;
    const Allocations allocations;
    std::string block;
    while (block.size() < 4096) block += piece;
    while (step == Step::need_more && sent < (1u << 30)) {
      step = reader.feed(block);
      sent += block.size();
    }
    CAPTURE(piece);
    CHECK(step == Step::failed);
    CHECK(sent < 80'000);
    CHECK(allocations.peak_bytes() < 300'000);
  }
}

TEST_CASE("a body without end stops at its cap and takes no more memory than that") {
  HttpResponseReader reader(false, HttpLimits());
  REQUIRE(reader.feed("HTTP/1.1 200 OK\r\n\r\n") == Step::need_more);
  const std::string block(65536, 'x');
  const Allocations allocations;
  Step step = Step::need_more;
  for (int i = 0; i < 100 && step == Step::need_more; ++i) step = reader.feed(block);
  CHECK(step == Step::done);
  CHECK(reader.response().body.size() == 1u << 20);
  CHECK(reader.response().body.capacity() == 1u << 20);
  CHECK(reader.response().body_truncated);
  CHECK(allocations.peak_bytes() < (2u << 20) + 4096);
}

TEST_CASE("a mutated response is read the same for every split, and its refusal is printable") {
  const std::string honest =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n";
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = honest;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % bytes.size();
      if (random() % 3 == 0)
        bytes[at] = static_cast<char>(random());
      else if (random() % 2 == 0)
        bytes.erase(at, 1 + random() % 6);
      else
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 20));
    }
    HttpReading reading;
    reading.ended = round % 2 == 0;
    const std::string said = read_http(bytes, reading);
    CAPTURE(bytes);
    REQUIRE(said.find("is not") == std::string::npos);
  }
}
