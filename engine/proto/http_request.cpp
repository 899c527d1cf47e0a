#include <openssl/evp.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/http.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t usual_bytes = 512;  // room that a request gets at once

/// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// No blanks, no controls; other bytes may stand in a target that is sent on purpose.
bool is_unbroken(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_control(c); });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c != '\t' && is_control(c); });
}

Error bad(std::string_view part, std::string_view value, std::string_view why) {
  return Error(Reason::protocol_error, fmt::format("the HTTP {} \"{}\" {}", part, visible(value, 60), why));
}

bool promises_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

Result<void> check_headers(const HttpRequest& request) {
  bool host = false;
  bool length = false;
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) return bad("header name", header.name, "is no token (RFC 9110 5.6.2)");
    if (!is_field_value(header.value)) return bad("header value", header.value, "holds CR, LF, NUL or another control");
    if (same_text(header.name, "Transfer-Encoding"))
      return bad("header", header.name, "is not sent: bodies go with their Content-Length");
    if (same_text(header.name, "Host")) {
      if (host) return bad("header", header.name, "stands twice");
      host = true;
    }
    if (same_text(header.name, "Content-Length")) {
      if (length) return bad("header", header.name, "stands twice");
      if (header.value != std::to_string(request.body.size()))
        return bad("Content-Length", header.value, fmt::format("is not the body's, {}", request.body.size()));
      length = true;
    }
  }
  return {};
}

}  // namespace

const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers)
    if (same_text(header.name, name)) return &header.value;
  return nullptr;
}

Result<std::string> encode_http_request(const HttpRequest& request) {
  if (!is_token(request.method)) return bad("method", request.method, "is no token (RFC 9110 5.6.2)");
  if (request.target.empty() || !is_unbroken(request.target))
    return bad("target", request.target, "is empty or holds a blank or a control");
  if (!is_unbroken(request.host)) return bad("host", request.host, "holds a blank or a control");
  if (auto checked = check_headers(request); !checked) return checked.error();

  std::string bytes;
  bytes.reserve(usual_bytes);
  const auto add_header = [&](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  bytes.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  if (find_header(request.headers, "Host") == nullptr) add_header("Host", request.host);
  for (const HttpHeader& header : request.headers) add_header(header.name, header.value);
  const bool length = !request.body.empty() || promises_body(request.method);
  if (length && find_header(request.headers, "Content-Length") == nullptr)
    bytes += fmt::format("Content-Length: {}\r\n", request.body.size());
  bytes += "\r\n";
  bytes += request.body;
  return bytes;
}

std::string basic_authorization(std::string_view user_and_password) {
  std::string encoded(4 * ((user_and_password.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(user_and_password.data()),
                                     static_cast<int>(user_and_password.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return "Basic " + encoded;
}

}  // namespace audit::proto
