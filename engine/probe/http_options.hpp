#pragma once

#include <string>
#include <vector>

#include "probe/words.hpp"
#include "proto/http.hpp"
#include "proto/http_url.hpp"

namespace audit::probe {

/// What a request proves who asks with: the name of a credential, and every form of it that nobody else may see.
struct HttpSecret {
  std::string name;  // "" where there is none
  std::vector<std::string> forms;

  /// As records show it.
  [[nodiscard]] std::string shown() const { return "(credential " + name + ")"; }
};

/// Options of `http`: path ("/"), method ("GET"), host (the Host header; default the target's name or address), headers
/// (a table of names and values), body (bytes), tls (default true on 443 and 8443), server_name (of SNI, default the
/// name in host), auth (a credential or its name, user:password, sent as Basic), redirects (how many are followed,
/// 0-10, default 0), timeout (s for all of it, default 10), max_body (bytes kept, decoded, 0-16777216, default
/// 1048576).
struct HttpOptions {
  proto::HttpUrl url;          // where the first request goes
  proto::HttpRequest request;  // the first
  std::string server_name;     // "" for the host of the URL
  HttpSecret secret;
  std::int64_t redirects = 0;
  Duration timeout{};
  std::size_t max_body = 0;

  /// Errors: rule_error, the mistake; missing_credential.
  [[nodiscard]] static Result<HttpOptions> read(Context& context, const Endpoint& endpoint, const Question& question);
};

/// A method that is not safe (RFC 9110 section 9.2.1) may change what is there: why, in a sentence; "" for a safe one.
[[nodiscard]] std::string why_http_is_intrusive(const Value::Object& options);

/// The request, which is sent as `bytes`, as evidence may keep it: what proves who asks (Authorization, cookies) is not
/// shown.
[[nodiscard]] std::string shown_request(const proto::HttpRequest& request, const std::string& bytes,
                                        const HttpSecret& secret);

}  // namespace audit::probe
