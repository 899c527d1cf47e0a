#include <catch2/catch.hpp>

#include "proto/http_url.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

std::string parsed(std::string_view text) {
  const Result<HttpUrl> url = parse_http_url(text);
  return url ? format_url(*url) : url.error().message;
}

/// What a reference means in a document at RFC 3986's own example, http://a/b/c/d;p?q.
std::string resolved(std::string_view reference) {
  const Result<HttpUrl> url = resolve_reference(*parse_http_url("http://a/b/c/d;p?q"), reference);
  return url ? format_url(*url) : url.error().message;
}

}  // namespace

TEST_CASE("a URL has a scheme, a host, a port and a target") {
  const HttpUrl url = *parse_http_url("HTTPS://Www.Example.ORG:8443/a/b?c=d#e");
  CHECK(url.tls);
  CHECK(url.host == "www.example.org");
  CHECK(url.port == 8443);
  CHECK(url.target == "/a/b?c=d");
  CHECK(parsed("http://h") == "http://h/");
  CHECK(parsed("https://h:443") == "https://h/");
  CHECK(parsed("http://h:443?x") == "http://h:443/?x");
  CHECK(parsed("http://h:/") == "http://h/");
  CHECK(parsed("http://[2001:DB8::1]:81/") == "http://[2001:db8::1]:81/");
  CHECK(parse_http_url("http://[2001:db8::1]")->host == "2001:db8::1");
  CHECK(parsed(" http://h/a b\xc3\xa9 ") == "http://h/a%20b%C3%A9");
}

TEST_CASE("what is no such URL is refused, with what is wrong") {
  CHECK(parsed("ftp://h/") == "`ftp://h/` does not begin with http:// or https://");
  CHECK(parsed("h/") == "`h/` does not begin with http:// or https://");
  CHECK(parsed("http:h") == "`http:h` names no host");
  CHECK(parsed("http:///x") == "`http:///x` names no host");
  CHECK(parsed("http://u:p@h/") == "`http://u:p@h/` holds user information, which is not sent");
  for (const char* text : {"http://h:0/", "http://h:65536/", "http://h:80,81/", "http://h:1-2/", "http://h:x/"})
    CHECK(parsed(text).ends_with("has no port 1-65535 after its `:`"));
  CHECK(parsed("http://2001:db8::1/").find("IPv6 address stands in brackets") != std::string::npos);
  CHECK(parsed("http://h h/").find("names no host") != std::string::npos);
  CHECK(parsed("http://h/\r\nX: y").ends_with("holds a control character"));
  CHECK(parsed("http://h/" + std::string(9000, 'x')).ends_with("is longer than 8192 bytes"));
}

TEST_CASE("a reference is resolved as RFC 3986 5.4 says") {
  CHECK(resolved("g") == "http://a/b/c/g");
  CHECK(resolved("./g") == "http://a/b/c/g");
  CHECK(resolved("g/") == "http://a/b/c/g/");
  CHECK(resolved("/g") == "http://a/g");
  CHECK(resolved("//g") == "http://g/");
  CHECK(resolved("?y") == "http://a/b/c/d;p?y");
  CHECK(resolved("g?y") == "http://a/b/c/g?y");
  CHECK(resolved("#s") == "http://a/b/c/d;p?q");
  CHECK(resolved("g#s") == "http://a/b/c/g");
  CHECK(resolved("") == "http://a/b/c/d;p?q");
  CHECK(resolved(".") == "http://a/b/c/");
  CHECK(resolved("..") == "http://a/b/");
  CHECK(resolved("../g") == "http://a/b/g");
  CHECK(resolved("../../g") == "http://a/g");
  CHECK(resolved("../../../../g") == "http://a/g");
  CHECK(resolved("/./g/../h") == "http://a/h");
  CHECK(resolved("g?y/../x") == "http://a/b/c/g?y/../x");
  CHECK(resolved("https://b:8443/x") == "https://b:8443/x");
  CHECK(resolved("mailto:x") == "`mailto:x` does not begin with http:// or https://");
  CHECK(resolved("//u@g").ends_with("user information, which is not sent"));
}
