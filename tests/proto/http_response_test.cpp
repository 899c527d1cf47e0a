#include <catch2/catch.hpp>

#include "http_reading.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

HttpReading ended() {
  HttpReading reading;
  reading.ended = true;
  return reading;
}

HttpReading head() {
  HttpReading reading;
  reading.head = true;
  return reading;
}

}  // namespace

TEST_CASE("a response with a length is read, whatever it is split into") {
  CHECK(read_http("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 3\r\n\r\nabc") ==
        "200 OK 1.1 [Server=nginx][Content-Length=3] body=abc size=3");
  CHECK(read_http("HTTP/1.0 404 Not Found\nContent-Length:0\n\n") ==
        "404 Not Found 1.0 [Content-Length=0] body= size=0");
  CHECK(read_http("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n") == "200  1.1 [Content-Length=0] body= size=0");
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc") == "need more");
}

TEST_CASE("a chunked response is read without its framing, and its trailers are not headers") {
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nServer: evil\r\n\r\n") ==
        "200 OK 1.1 [Transfer-Encoding=chunked] body=abc0123456789 size=13");
}

TEST_CASE("a body without a length ends when the server closes") {
  CHECK(read_http("HTTP/1.0 200 OK\r\n\r\nabc", ended()) == "200 OK 1.0  body=abc size=3");
  CHECK(read_http("HTTP/1.0 200 OK\r\n\r\nabc") == "need more");
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", ended()) ==
        "200 OK 1.1 [Transfer-Encoding=gzip] body=abc size=3 coding= (its transfer coding stays: the body is as it "
        "came)");
}

TEST_CASE("responses that have no body end with their head") {
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", head()) ==
        "200 OK 1.1 [Content-Length=9] body= size=0");
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head()) ==
        "200 OK 1.1 [Transfer-Encoding=chunked] body= size=0");
  CHECK(read_http("HTTP/1.1 204 No Content\r\n\r\n") == "204 No Content 1.1  body= size=0");
  CHECK(read_http("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") ==
        "304 Not Modified 1.1 [Content-Length=9] body= size=0");
  CHECK(read_http("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw") ==
        "101 Switching Protocols 1.1 [Upgrade=x][Connection=Upgrade] body= size=0");
}

TEST_CASE("interim responses are passed over") {
  CHECK(read_http("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 "
                  "OK\r\nContent-Length: 1\r\n\r\nx") == "200 OK 1.1 [Content-Length=1] body=x size=1");
  CHECK(read_http("HTTP/1.0 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx") ==
        "200 OK 1.0 [Content-Length=1] body=x size=1");
}

TEST_CASE("what follows a response is left alone") {
  HttpResponseReader reader(false, HttpLimits());
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  CHECK(reader.feed(first + "HTTP/1.1 500 No\r\n\r\n") == HttpResponseReader::Step::done);
  CHECK(reader.taken() == first.size());
  CHECK(reader.feed("HTTP/1.1 500 No\r\n\r\n") == HttpResponseReader::Step::done);
  CHECK(reader.taken() == 0);
  CHECK(reader.response().status == 200);
  CHECK(reader.end() == HttpResponseReader::Step::done);
}

TEST_CASE("header values keep their bytes, without the blanks around them") {
  CHECK(read_http("HTTP/1.1 200 OK\r\nA:  b c \t\r\nB: \xff\xc3\r\nC:\r\nContent-Length: 0\r\n\r\n") ==
        "200 OK 1.1 [A=b c][B=\xff\xc3][C=][Content-Length=0] body= size=0");
}

TEST_CASE("a body past its cap is cut, and reading ends") {
  HttpReading reading;
  reading.limits.body_bytes = 4;
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", reading) ==
        "200 OK 1.1 [Content-Length=5] body=abcd… size=4");
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", reading) ==
        "200 OK 1.1 [Content-Length=4] body=abcd size=4");
  CHECK(read_http("HTTP/1.1 200 OK\r\n\r\nabcdef", reading) == "200 OK 1.1  body=abcd… size=4");
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", reading) ==
        "200 OK 1.1 [Transfer-Encoding=chunked] body=abcd… size=4");
}

TEST_CASE("a server that closes early is an eof, and says where") {
  CHECK(read_http("", ended()) == "eof: the server closed the connection without an HTTP answer");
  CHECK(read_http("HTTP/1.1 200 OK\r\nSer", ended()) ==
        "eof: the server closed the connection within the head of its HTTP answer");
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", ended()) ==
        "eof: the server closed the connection after 3 bytes of an unfinished HTTP body");
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ended()) ==
        "eof: the server closed the connection after 3 bytes of an unfinished HTTP body");
  CHECK(read_http("HTTP/1.1 100 Continue\r\n\r\n", ended()) ==
        "eof: the server closed the connection within the head of its HTTP answer");
}

TEST_CASE("a connection is for another request where both sides said so and the end of the body is known") {
  const auto reusable = [](std::string_view bytes, bool head_request = false) {
    HttpResponseReader reader(head_request, HttpLimits());
    if (reader.feed(bytes) != HttpResponseReader::Step::done) reader.end();
    return reader.response().reusable;
  };
  CHECK(reusable("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  CHECK(reusable("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  CHECK(reusable("HTTP/1.1 204 OK\r\n\r\n"));
  CHECK(reusable("HTTP/1.1 200 OK\r\n\r\n", true));
  CHECK(reusable("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx"));
  CHECK_FALSE(reusable("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  CHECK_FALSE(reusable("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"));
  CHECK_FALSE(reusable("HTTP/1.1 200 OK\r\n\r\nx"));
  CHECK_FALSE(reusable("HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"));
}

TEST_CASE("a body is decoded as its Content-Encoding says") {
  // gzip of "hello hello hello\n"
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00\x3b\x7c\x8a\xdf\x12\x00\x00"
      "\x00",
      29);
  const auto with = [](const std::string& header, const std::string& body, HttpReading reading = {}) {
    return read_http(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Encoding: {}\r\nContent-Length: {}\r\n\r\n", header, body.size()) +
            body,
        reading);
  };
  CHECK(with("gzip", gzip).find("body=hello hello hello\n size=") != std::string::npos);
  CHECK(with("GZIP", gzip).ends_with("coding=gzip"));
  CHECK(with("br", "abc").ends_with("body=abc size=3 coding=br (its coding stays: the body is as it came)"));
  CHECK(with("gzip", gzip.substr(0, 20)).ends_with("coding=gzip (its gzip data ends before its end)"));
  CHECK(with("gzip", "<html>").find("body=… size=6 coding=gzip (its gzip data is broken") != std::string::npos);
  HttpReading five;
  five.limits.body_bytes = 5;
  CHECK(with("gzip", gzip, five).find("body=hello… size=") != std::string::npos);
  HttpReading head_only;
  head_only.head = true;
  CHECK(read_http("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", head_only)
            .ends_with("body= size=0 coding=gzip"));
  CHECK(read_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", ended())
            .ends_with("body=abc size=3 coding= (its transfer coding stays: the body is as it came)"));
}

TEST_CASE("a coded body that yields nothing stops at its cap all the same") {
  HttpLimits limits;
  limits.body_bytes = 10'000;
  HttpResponseReader reader(false, limits);
  REQUIRE(reader.feed("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n") == HttpResponseReader::Step::need_more);
  const std::string empty_block("\x00\x00\x00\xff\xff", 5);
  std::size_t sent = 0;
  for (; sent < (1u << 20) && reader.feed(empty_block) == HttpResponseReader::Step::need_more; sent += 5) {
  }
  CHECK(sent < 15'000);
  CHECK(reader.response().body_truncated);
}
