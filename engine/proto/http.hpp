#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::proto {

// HTTP/1.x (RFC 9112), over http-parser, which http_response.cpp hides.

struct HttpHeader {
  std::string name;
  std::string value;
};

/// The value of the first header of that name, compared without case; null where there is none.
[[nodiscard]] const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name);

/// `host` becomes the Host header unless `headers` has one; Content-Length is written where there is a body or the
/// method promises one. Nothing else is added.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string host;
  std::vector<HttpHeader> headers;
  std::string body;
};

/// Error: protocol_error where a part holds CR, LF, NUL or a blank where none may be, or where the headers contradict
/// the body: no request is ever split.
[[nodiscard]] Result<std::string> encode_http_request(const HttpRequest& request);

/// The value of an Authorization header: Basic (RFC 7617), of "user:password".
[[nodiscard]] std::string basic_authorization(std::string_view user_and_password);

struct HttpResponse {
  int status = 0;
  std::string reason;
  std::string version;              // "1.1"
  std::vector<HttpHeader> headers;  // of the final response, as they came; no trailers
  std::string body;                 // without the chunks' framing, decoded where `coding` is gzip or deflate
  bool body_truncated = false;      // there is more than the cap, or it could not be decoded to its end
  std::uint64_t body_size = 0;      // body bytes taken from the wire, without the chunks' framing
  std::string coding;               // Content-Encoding, in lower case; "" where there is none
  std::string coding_problem;       // why the body is not, or not wholly, decoded
  bool reusable = false;            // the connection can carry another request (RFC 9112 9.3)
};

struct HttpLimits {
  std::size_t header_bytes = 65536;  // status line and headers of one response; at most 80 KiB (http-parser's own)
  std::size_t header_count = 1000;
  std::size_t body_bytes = 1u << 20;  // of the body as it is kept: a decoded body counts as it is decoded
  int interim_responses = 8;          // how many 1xx may come before the answer

  HttpLimits() {}  // g++ 12: no aggregates in co_await expressions
};

/// Reads one response, whatever the bytes are split into. Keeps no more than its limits. A body past the cap, or one whose
/// coding is broken, ends the reading as done, with `body_truncated`.
class HttpResponseReader {
 public:
  enum class Step { need_more, done, failed };

  /// `head_request`: the answer to HEAD has no body, whatever its headers promise.
  explicit HttpResponseReader(bool head_request, HttpLimits limits = HttpLimits());
  ~HttpResponseReader();
  HttpResponseReader(HttpResponseReader&&) noexcept;
  HttpResponseReader& operator=(HttpResponseReader&&) noexcept;

  /// Errors: protocol_error, with a text that says what. Bytes after the response are left alone.
  Step feed(std::string_view bytes);
  /// The peer closed: completes a body that ends so; else fails as eof. What came is still in `response`.
  Step end();

  /// How many of the bytes last fed belong to the response.
  [[nodiscard]] std::size_t taken() const noexcept;
  [[nodiscard]] HttpResponse& response() noexcept;
  [[nodiscard]] const Error& error() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The text of the first <title> outside comments: the five common entities and numeric ones decoded, whitespace
/// folded, at most 200 bytes, never cut within a character. "" where there is none.
[[nodiscard]] std::string html_title(std::string_view body);

}  // namespace audit::proto
