#include <catch2/catch.hpp>

#include "proto/http.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

HttpRequest get(std::string target, std::string host) {
  HttpRequest request;
  request.target = std::move(target);
  request.host = std::move(host);
  return request;
}

std::string refusal(const HttpRequest& request) {
  auto bytes = encode_http_request(request);
  return bytes ? std::string() : bytes.error().message;
}

}  // namespace

TEST_CASE("a request is what RFC 9112 says") {
  HttpRequest request = get("/a?b=c", "host.example:8080");
  request.headers = {{"User-Agent", "audit"}, {"Accept", "*/*"}};
  CHECK(*encode_http_request(request) ==
        "GET /a?b=c HTTP/1.1\r\nHost: host.example:8080\r\nUser-Agent: audit\r\nAccept: */*\r\n\r\n");
}

TEST_CASE("a body brings its length, and a Host header takes the place of the host") {
  HttpRequest request = get("/", "a.example");
  request.method = "POST";
  request.body = "x=1";
  request.headers = {{"host", "b.example"}};
  CHECK(*encode_http_request(request) == "POST / HTTP/1.1\r\nhost: b.example\r\nContent-Length: 3\r\n\r\nx=1");
  request.body.clear();
  CHECK(encode_http_request(request)->find("Content-Length: 0\r\n") != std::string::npos);
  request.headers.push_back({"Content-Length", "0"});
  CHECK(encode_http_request(request)->find("Content-Length: 0\r\n\r\n") != std::string::npos);
}

TEST_CASE("no part of a request can split it") {
  for (const std::string& evil :
       {std::string("a\r\nb"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
    HttpRequest request = get("/" + evil, "h");
    CHECK(refusal(request) != "");
    request = get("/", evil);
    CHECK(refusal(request) != "");
    request = get("/", "h");
    request.method = evil;
    CHECK(refusal(request) != "");
    request.method = "GET";
    request.headers = {{evil, "v"}};
    CHECK(refusal(request) != "");
    request.headers = {{"n", evil}};
    CHECK(refusal(request) != "");
    CHECK(encode_http_request(request).error().reason == Reason::protocol_error);
  }
}

TEST_CASE("blanks are refused where none may be, and allowed in values") {
  CHECK(refusal(get("/a b", "h")) != "");
  CHECK(refusal(get("", "h")) != "");
  CHECK(refusal(get("/", "h h")) != "");
  HttpRequest request = get("/", "h");
  request.method = "GET ";
  CHECK(refusal(request) != "");
  request.method = "";
  CHECK(refusal(request) != "");
  request.method = "PROPFIND";
  request.headers = {{"A b", "v"}};
  CHECK(refusal(request) != "");
  request.headers = {{"A:", "v"}};
  CHECK(refusal(request) != "");
  request.headers = {{"A", "b c\td \xff"}};
  CHECK(refusal(request) == "");
}

TEST_CASE("headers that contradict the body are refused") {
  HttpRequest request = get("/", "h");
  request.body = "abc";
  request.headers = {{"Content-Length", "2"}};
  CHECK(refusal(request) == "the HTTP Content-Length \"2\" is not the body's, 3");
  request.headers = {{"Content-Length", "3"}, {"content-length", "3"}};
  CHECK(refusal(request) != "");
  request.headers = {{"Transfer-Encoding", "chunked"}};
  CHECK(refusal(request) != "");
  request.headers = {{"Host", "a"}, {"Host", "b"}};
  CHECK(refusal(request) != "");
}

TEST_CASE("headers are found without case, the first of a name") {
  const std::vector<HttpHeader> headers{{"Server", "a"}, {"server", "b"}};
  REQUIRE(find_header(headers, "SERVER") != nullptr);
  CHECK(*find_header(headers, "SERVER") == "a");
  CHECK(find_header(headers, "serve") == nullptr);
}

TEST_CASE("Basic is base64 of user and password (RFC 7617 2)") {
  CHECK(basic_authorization("Aladdin:open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(basic_authorization("test:123\xc2\xa3") == "Basic dGVzdDoxMjPCow==");
  CHECK(basic_authorization("") == "Basic ");
}
