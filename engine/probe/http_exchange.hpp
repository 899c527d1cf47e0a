#pragma once

#include "probe/conversation.hpp"
#include "probe/http_options.hpp"
#include "proto/http.hpp"
#include "proto/http_url.hpp"

namespace audit::probe {

/// One request to one endpoint.
struct HttpHop {
  Endpoint endpoint;
  proto::HttpUrl url;
  proto::HttpRequest request;
  std::string server_name;  // of SNI
  HttpSecret secret;        // of the request's Authorization
  std::size_t max_body = 0;
};

/// What one request came to. `observation` is null where not even a question was begun.
struct HttpExchange {
  proto::HttpResponse response;
  std::shared_ptr<Observation> observation;
  std::string request;  // as sent, as far as it may be shown
  Value tls;            // of the connection; empty where it is plain
  bool reused = false;  // the connection had carried a request before
  Result<void> outcome;
};

/// Sends the request over the connection that the check keeps to this endpoint, else over a new one, and reads one
/// response. Where the kept one turns out closed before any answer, the request is sent again on a new one, and counted in
/// `attempts`. A connection that can carry another request is kept in the context. `hop` is the caller's, and stays.
[[nodiscard]] awaitable<HttpExchange> exchange_http(Context& context, const HttpHop& hop, Instant ends);

}  // namespace audit::probe
